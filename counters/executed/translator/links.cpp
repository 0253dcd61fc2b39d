// The parts of a translation that other threads run through meanwhile. The dispatcher calls them
// without having saved the vector registers: this file is compiled without them.
#include "counters/executed/translator/kill_if.h"
#include "counters/executed/translator/translation.h"

namespace flopmeter::executed {
namespace {

// In one piece, as Trace lets no displacement cross a line of the cache.
void set_displacement(std::uint64_t site, std::uint64_t code) {
  struct [[gnu::packed]] Displacement {
    volatile std::int32_t value;
  };
  reinterpret_cast<Displacement*>(site)->value = static_cast<std::int32_t>(code - (site + 4));
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

bool reaches(std::uint64_t site, std::uint64_t code) {
  const auto distance = static_cast<std::int64_t>(code - (site + 4));
  return distance == static_cast<std::int32_t>(distance);
}

}  // namespace

void Translation::link(std::uint32_t number, std::uint32_t to) {
  Exit& exit = exits_[number];
  Block& block = blocks_[to];
  if (exit.site == 0 || exit.linked.exchange(true)) return;
  if (!reaches(exit.site, block.code)) return;  // by the dispatcher each time
  exit.next = block.incoming;
  while (!block.incoming.compare_exchange_weak(exit.next, number)) {
  }
  set_displacement(exit.site, block.code);
  // Whoever kills the block marks it first: it unlinks this exit, or the mark is seen here. The
  // exit stays in the list, of which it may be a part no more only when that is being taken apart.
  if (block.dead) set_displacement(exit.site, exit.native);
}

void Translation::unlink(Exit& exit) {
  set_displacement(exit.site, exit.native);
  exit.linked = false;
}

bool Translation::needs_link(std::uint32_t number) {
  const Block& block = blocks_[number];
  const std::uint64_t known = branches_.entry(block.address);
  return known != 0 && known != block.entry &&
         branches_.links(block.address) < BranchTable::most_links;
}

void Translation::enter_by_branches(std::uint32_t number) {
  if (needs_link(number)) return;  // the next time
  const Block& block = blocks_[number];
  branches_.set(block.address, block.entry);
  if (block.dead) branches_.reset(block.address, block.entry);
}

// The blocks of a trace fall through to one another: they live and die together.
void Translation::kill_trace(std::uint32_t number) {
  const std::uint32_t trace = blocks_[number].trace;
  for (std::uint32_t i = trace; i < blocks_.size() && blocks_[i].trace == trace; ++i) {
    Block& block = blocks_[i];
    block.dead = true;
    if (block.entry != 0) branches_.reset(block.address);
    for (std::uint32_t exit = block.incoming.exchange(0); exit != 0;) {
      const std::uint32_t next = exits_[exit].next;
      unlink(exits_[exit]);
      exit = next;
    }
  }
}

void Translation::forget_readable_pages(std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t first = begin / page_bytes;
  const std::uint64_t last = (end + page_bytes - 1) / page_bytes;
  for (std::uint64_t& page : readable_pages_)
    if (page - first < last - first) page = 0;
}

void Translation::invalidate(std::uint64_t begin, std::uint64_t end) {
  const Locked lock(mutex_);
  forget_readable_pages(begin, end);
  for (std::uint32_t i = 0; i < neighbourhoods_.size(); ++i) {
    Neighbourhood& place = neighbourhoods_[i];
    // A block may reach over the end of its neighbourhood.
    if (end <= place.number * neighbourhood_bytes ||
        begin >= (place.number + 2) * neighbourhood_bytes)
      continue;
    kill_if(place, [=](const Block& block) {
      return block.address < end && begin < block.address + block.length;
    });
  }
}

}  // namespace flopmeter::executed
