#include "counters/executed/translator/translation.h"

#include <algorithm>
#include <cstring>

#include "counters/executed/translator/hash.h"
#include "counters/executed/translator/kill_if.h"
#include "counters/executed/translator/registry.h"
#include "counters/executed/translator/trace.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

// Asks of every page once, or a little more often: each question is a system call.
class ReadablePages {
 public:
  bool hold(std::uint64_t address, std::uint64_t length) {
    const std::uint64_t last = (address + length - 1) / page_bytes;
    for (std::uint64_t page = address / page_bytes; page <= last; ++page) {
      Answer& answer = answers_[page % answers_.size()];
      if (answer.page != page) answer = {page, is_readable(page * page_bytes)};
      if (!answer.readable) return false;
    }
    return true;
  }

 private:
  struct Answer {
    std::uint64_t page = 1;  // which holds no code
    bool readable = false;
  };
  std::array<Answer, 256> answers_;
};

}  // namespace

Translation::Translation(Scope scope, std::uint32_t max_blocks, PageSource source)
    : scope_(scope),
      max_blocks_(max_blocks),
      branches_(reinterpret_cast<std::uint64_t>(&executed_dispatch_indirect)),
      contents_(source),
      items_(source),
      tile_items_(source) {
  forget_all();
  enlist(*this);
}

Translation::~Translation() { withdraw(*this); }

// The numbers of blocks, exits and sums start at 1, or behind those of special meaning.
void Translation::forget_all() {
  branches_.clear();
  cache_.clear();
  table_.clear();
  blocks_.clear();
  exits_.clear();
  contents_.clear();
  items_.clear();
  tile_items_.clear();
  neighbourhoods_.clear();
  bytes_.clear();
  spots_.clear();
  mask_sums_ = 0;
  part_count_ = 0;
  if (is_full()) throw std::bad_alloc();
  blocks_.add();
  contents_.push({});
  for (const ExitKind kind :
       {ExitKind::indirect, ExitKind::created, ExitKind::started, ExitKind::forked})
    exits_.push({kind, 0});
}

bool Translation::is_full() {
  constexpr std::uint32_t blocks = 64;  // more than a trace has
  return max_blocks_ - blocks_.size() < blocks || !blocks_.reserve(blocks) ||
         !contents_.reserve(blocks) || !exits_.reserve(4 * blocks) ||
         !items_.reserve(Trace::max_items) || !tile_items_.reserve(Trace::max_items / 8) ||
         !neighbourhoods_.reserve(blocks) || !spots_.reserve(Trace::max_spots) ||
         (scope_ == Scope::function && !bytes_.reserve(Trace::max_source_bytes)) ||
         arena::max_mask_sums - mask_sums_ < Trace::max_items;
}

bool Translation::is_readable_page(std::uint64_t page) {
  std::uint64_t& known = readable_pages_[page % readable_pages_.size()];
  if (known == page && scope_ == Scope::process) return true;
  if (!is_readable(page * page_bytes)) return false;
  known = page;
  return true;
}

std::size_t Translation::readable_code(std::uint64_t address, std::size_t most) {
  if (!is_readable_page(address / page_bytes)) return 0;
  const std::size_t to_page_end = page_bytes - address % page_bytes;
  return most <= to_page_end || is_readable_page((address + most - 1) / page_bytes) ? most
                                                                                    : to_page_end;
}

std::uint32_t Translation::translate(std::uint64_t address, bool by_branch) {
  const Locked lock(mutex_);
  return translate_locked(address, by_branch);
}

std::uint32_t Translation::translate_locked(std::uint64_t address, bool by_branch) {
  const std::uint32_t known = find(address);
  if (known != AddressTable::none) {
    if (by_branch) let_branches_enter(known);
    return known;
  }
  if (const std::uint32_t revived = revive(address); revived != AddressTable::none) {
    if (by_branch) let_branches_enter(revived);
    return revived;
  }
  Region* const region = is_full() ? nullptr : cache_.near(address, Trace::max_bytes);
  if (region == nullptr) return AddressTable::none;
  const std::uint32_t made = Trace(*this, *region).build(address, by_branch);
  if (grown != nullptr) grown(*this);
  return made;
}

bool Translation::copy_contents() {
  return contents_.copy() && items_.copy() && tile_items_.copy();
}

void Translation::let_branches_enter(std::uint32_t number) {
  if (blocks_[number].entry == 0) add_entry(number);
  if (blocks_[number].entry != 0 && needs_link(number)) add_link(number);
}

// In front of what the low bits of its address have led to so far, which goes on as it was.
void Translation::add_link(std::uint32_t number) {
  constexpr std::uint32_t link_bytes = 128;
  const Block& block = blocks_[number];
  const std::uint64_t others = branches_.entry(block.address);
  Region* const region = cache_.near(block.code, link_bytes);
  if (region == nullptr || others == 0) return;
  Assembler code(region->code + region->used);
  const std::uint64_t link = code.code();
  write_link(code, block.address, block.entry, others);
  region->used = static_cast<std::uint32_t>(code.code() - region->code);
  ++branches_.links(block.address);
  branches_.set(block.address, link);
}

void Translation::add_entry(std::uint32_t number) {
  constexpr std::uint32_t entry_bytes = 128;
  Block& block = blocks_[number];
  Region* const region = cache_.near(block.code, entry_bytes);
  if (region == nullptr) return;
  Assembler code(region->code + region->used);
  const std::uint64_t entry = code.code();
  write_entry(code, block.address);
  code.jump_far(block.code);
  region->used = static_cast<std::uint32_t>(code.code() - region->code);
  block.entry = entry;
}

std::uint32_t Translation::add_block(const Plan& plan, const std::uint8_t* bytes,
                                     std::uint64_t code, std::uint32_t trace) {
  const std::uint64_t address = plan.address();
  const std::uint32_t number = blocks_.add();
  Block& block = blocks_[number];
  block.address = address;
  block.code = code;
  block.entry = 0;
  block.length = static_cast<std::uint32_t>(plan.end_address() - address);
  block.trace = trace == 0 ? number : trace;
  block.bytes = bytes_.size();
  block.spots = spots_.size();
  // Nobody knows the block yet.
  block.incoming.store(0, std::memory_order_relaxed);
  block.dead.store(false, std::memory_order_relaxed);
  block.older = 0;
  block.hash = hash_of(bytes, block.length);
  block.verifies = bytes != reinterpret_cast<const std::uint8_t*>(address);
  if (scope_ == Scope::function) {
    const std::uint32_t at = bytes_.add(block.length);
    for (std::uint32_t i = 0; i < block.length; ++i) bytes_[at + i] = bytes[i];
  }
  const bool none = plan[0].flow == Flow::unsupported;
  contents_.push({.address = address,
                  .length = block.length,
                  .items = items_.size(),
                  .item_count = 0,
                  .instructions = static_cast<std::uint16_t>(none ? 0 : plan.size),
                  .tile_items = tile_items_.size()});
  put_in_neighbourhood(number);
  return number;
}

void Translation::add_spot(std::uint64_t source, std::uint64_t code) {
  const Block& block = blocks_[blocks_.size() - 1];
  spots_.push({static_cast<std::uint16_t>(source - block.address),
               static_cast<std::uint16_t>(code - block.code)});
}

void Translation::note_count(std::uint64_t code) {
  Block& block = blocks_[blocks_.size() - 1];
  block.counted = static_cast<std::uint32_t>(code - block.code);
}

void Translation::add_item(const Arithmetic& arithmetic, std::uint32_t mask_sum) {
  BlockContent& block = contents_[contents_.size() - 1];
  for (std::uint32_t i = block.items; i < items_.size(); ++i)
    if (items_[i].arithmetic == arithmetic && items_[i].mask_sum == mask_sum) {
      ++items_[i].times;
      return;
    }
  items_.push({arithmetic, 1, mask_sum});
  ++block.item_count;
}

void Translation::add_tile_item(const Arithmetic& arithmetic, const Tiles& tiles) {
  tile_items_.push({arithmetic, tiles, blocks_.size() - 1});
}

void Translation::put_in_neighbourhood(std::uint32_t number) {
  Block& block = blocks_[number];
  block.listed = true;
  const std::uint64_t where = block.address / neighbourhood_bytes;
  const std::uint32_t size = neighbourhoods_.size();
  // Mostly that of the block before.
  std::uint32_t i = latest_neighbourhood_;
  if (i >= size || neighbourhoods_[i].number != where)
    for (i = 0; i < size && neighbourhoods_[i].number != where;) ++i;
  latest_neighbourhood_ = i;
  if (i == size) neighbourhoods_.push({where, 0});
  Neighbourhood& place = neighbourhoods_[i];
  block.next = place.first;
  place.first = number;
}

void Translation::verify() {
  const Locked lock(mutex_);
  ReadablePages pages;
  for (std::uint32_t i = 0; i < neighbourhoods_.size(); ++i)
    kill_if(neighbourhoods_[i], [&](const Block& block) {
      return block.length == 0 || !pages.hold(block.address, block.length) || !is_unchanged(block);
    });
}

bool Translation::is_unchanged(const Block& block) const {
  const auto* const source = reinterpret_cast<const std::uint8_t*>(block.address);
  for (std::uint32_t done = 0; done < block.length;) {
    const std::uint32_t part = bytes_.contiguous(block.bytes + done, block.length - done);
    if (std::memcmp(source + done, &bytes_[block.bytes + done], part) != 0) return false;
    done += part;
  }
  return true;
}

}  // namespace flopmeter::executed
