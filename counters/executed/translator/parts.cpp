// Where in a block of the guest a place in translated code is, and what of the block lies before and
// behind it.
#include "counters/executed/translator/instruction.h"
#include "counters/executed/translator/trace.h"
#include "counters/executed/translator/translation.h"

namespace flopmeter::executed {

// Blocks of one region follow one another, but a block does not know where its code ends.
std::uint32_t Translation::block_of(std::uint64_t code) const {
  std::uint32_t found = 0;
  for (std::uint32_t i = 1; i < blocks_.size(); ++i)
    if (blocks_[i].code <= code && (found == 0 || blocks_[i].code > blocks_[found].code)) found = i;
  return found == 0 || code - blocks_[found].code > Trace::max_bytes ? 0 : found;
}

std::uint32_t Translation::spots_end(std::uint32_t block) const {
  return block + 1 < blocks_.size() ? blocks_[block + 1].spots : spots_.size();
}

std::uint64_t Translation::source_of(std::uint64_t code) const {
  const std::uint32_t found = block_of(code);
  if (found == 0) return 0;
  const Block& block = blocks_[found];
  const std::uint32_t end = spots_end(found);
  std::uint64_t source = block.address;
  for (std::uint32_t i = block.spots; i < end && spots_[i].code <= code - block.code; ++i)
    source = block.address + spots_[i].source;
  return source;
}

Translation::Part Translation::part_at(std::uint64_t code) {
  for (std::uint32_t i = 0; i < part_count_; ++i)
    if (parts_[i].code == code) return parts_[i].part;
  const std::uint32_t found = block_of(code);
  if (found == 0 || part_count_ == parts_.size() || is_full()) return {};
  const Block& block = blocks_[found];
  const std::uint64_t here = source_of(code);
  const std::uint64_t end = block.address + block.length;
  Part part;
  if (code - block.code >= block.counted)
    part = {add_part(block, here, end), -1};
  else
    part = {add_part(block, block.address, here), 1};
  parts_[part_count_++] = {code, part};
  if (grown != nullptr) grown(*this);
  return part;
}

// A block that no code leads to. What is masked has sums of its own, and is left alone.
std::uint32_t Translation::add_part(const Block& block, std::uint64_t begin, std::uint64_t end) {
  const std::uint32_t number = blocks_.add();
  Block& part = blocks_[number];
  part.address = begin;
  part.dead = true;
  part.spots = spots_.size();
  contents_.push({.address = begin,
                  .length = static_cast<std::uint32_t>(end - begin),
                  .items = items_.size(),
                  .item_count = 0,
                  .instructions = 0,
                  .tile_items = tile_items_.size()});
  const std::size_t readable = readable_code(block.address, block.length);
  for (std::uint64_t at = begin; at < end && at - block.address < readable;) {
    const Instruction instruction = instruction_at(reinterpret_cast<const std::uint8_t*>(at),
                                                   block.address + readable - at, at);
    if (instruction.length == 0) break;
    ++contents_[number].instructions;
    for (const Arithmetic& arithmetic : instruction.arithmetic)
      if (arithmetic.lanes != 0 && arithmetic.mask == 0) add_item(arithmetic, 0);
    at += instruction.length;
  }
  return number;
}

}  // namespace flopmeter::executed
