// Code that was thrown away and is there again, byte by byte: compilers at run time take away the
// right to run their code while they write some of it, and give it back.
#include "counters/executed/translator/hash.h"
#include "counters/executed/translator/trace.h"
#include "counters/executed/translator/translation.h"

namespace flopmeter::executed {
namespace {

// Of blocks of one address, so many are looked at.
constexpr int most_tries = 64;

}  // namespace

void Translation::publish(std::uint32_t number) {
  Block& block = blocks_[number];
  const std::uint32_t latest = table_.find(block.address);
  block.older = latest == AddressTable::none ? 0 : latest;
  table_.set(block.address, number);
}

// A block that is not among the first of its address stays where it is, and is not found.
void Translation::bring_to_front(std::uint32_t number) {
  Block& block = blocks_[number];
  const std::uint32_t latest = table_.find(block.address);
  if (latest == number) return;
  std::uint32_t before = latest;
  for (int i = 0; i < most_tries && before != AddressTable::none && before != 0; ++i) {
    if (blocks_[before].older == number) {
      blocks_[before].older = block.older;
      block.older = latest;
      return table_.set(block.address, number);
    }
    before = blocks_[before].older;
  }
}

bool Translation::is_as_translated(const Block& block) {
  return block.length != 0 && readable_code(block.address, block.length) == block.length &&
         hash_of(reinterpret_cast<const std::uint8_t*>(block.address), block.length) ==
             block.hash &&
         block.verifies == changes_by_itself(block.address, Trace::copy_bytes);
}

std::uint32_t Translation::revive(std::uint64_t address) {
  if (scope_ != Scope::process) return AddressTable::none;
  std::uint32_t head = table_.find(address);
  for (int i = 0; i < most_tries; ++i, head = blocks_[head].older) {
    if (head == AddressTable::none || head == 0) return AddressTable::none;
    if (!blocks_[head].dead || blocks_[head].trace != head) continue;
    std::uint32_t end = head;
    while (end < blocks_.size() && blocks_[end].trace == head && is_as_translated(blocks_[end]))
      ++end;
    if (end < blocks_.size() && blocks_[end].trace == head) continue;
    while (end-- > head) {
      blocks_[end].dead = false;
      if (!blocks_[end].listed) put_in_neighbourhood(end);
      bring_to_front(end);
    }
    return head;
  }
  return AddressTable::none;
}

}  // namespace flopmeter::executed
