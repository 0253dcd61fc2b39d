#include "counters/executed/symbols/code_spots.h"

#include <algorithm>
#include <map>

#include "counters/executed/translator/memory.h"

namespace flopmeter::executed {
namespace {

struct Entry {
  std::uint64_t address;
  std::size_t block;

  auto operator<=>(const Entry&) const = default;
};

std::vector<Entry> by_address(std::span<const CodeRange> blocks) {
  std::vector<Entry> order;
  order.reserve(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) order.push_back({blocks[i].address, i});
  std::ranges::sort(order);
  return order;
}

bool continues(const CodeSpot& spot, const CodeRange& block) {
  const std::uint64_t end = spot.range.address + spot.range.bytes;
  return block.address <= end ||
         (block.address < end + page_bytes && block.address % page_bytes != 0);
}

}  // namespace

std::vector<CodeSpot> code_spots(std::span<const CodeRange> blocks,
                                 const std::function<Located(std::uint64_t)>& place_of) {
  std::vector<CodeSpot> spots;
  std::map<Place, std::size_t> latest;
  std::uint64_t end = 0;    // of the place of the block before
  std::size_t current = 0;  // its spot
  for (const auto& [address, i] : by_address(blocks)) {
    const CodeRange& block = blocks[i];
    if (address >= end) {
      Located located = place_of(address);
      end = located.end;
      const auto [known, is_new] = latest.try_emplace(located.place, spots.size());
      if (is_new || (located.place.module.empty() && !continues(spots[known->second], block))) {
        known->second = spots.size();
        spots.push_back({std::move(located.place), block, {}});
      }
      current = known->second;
    }
    CodeSpot& spot = spots[current];
    spot.blocks.push_back(i);
    spot.range.bytes = std::max(spot.range.bytes, address + block.bytes - spot.range.address);
  }
  return spots;
}

}  // namespace flopmeter::executed
