#include "counters/executed/symbols/code_spots.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "counters/executed/translator/memory.h"

namespace flopmeter::executed {
namespace {

std::vector<std::size_t> by_address(std::span<const CodeRange> blocks) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return blocks[i].address; });
  return order;
}

bool continues(const CodeSpot& spot, const CodeRange& block) {
  const std::uint64_t end = spot.range.address + spot.range.bytes;
  return block.address <= end ||
         (block.address < end + page_bytes && block.address % page_bytes != 0);
}

}  // namespace

std::vector<CodeSpot> code_spots(std::span<const CodeRange> blocks,
                                 const std::function<Place(std::uint64_t)>& place_of) {
  std::vector<CodeSpot> spots;
  std::map<Place, std::size_t> latest;
  for (const std::size_t i : by_address(blocks)) {
    const CodeRange& block = blocks[i];
    Place place = place_of(block.address);
    const auto [known, is_new] = latest.try_emplace(place, spots.size());
    if (is_new || (place.module.empty() && !continues(spots[known->second], block))) {
      known->second = spots.size();
      spots.push_back({std::move(place), block, {}});
    }
    CodeSpot& spot = spots[known->second];
    spot.blocks.push_back(i);
    spot.range.bytes = std::max(spot.range.bytes, block.address + block.bytes - spot.range.address);
  }
  return spots;
}

}  // namespace flopmeter::executed
