#include "counters/executed/hot_spots.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "counters/executed/arithmetic/flops.h"
#include "counters/executed/symbols/address_space.h"
#include "counters/executed/symbols/code_spots.h"

namespace flopmeter::executed {
namespace {

std::string own_mappings() {
  std::ifstream maps("/proc/self/maps");
  return {std::istreambuf_iterator<char>(maps), {}};
}

std::pair<std::int64_t, std::int64_t> heat(const HotSpot& spot) {
  std::int64_t lanes = 0;
  spot.totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    if (is_floating(what.element) || what.operation == Operation::dot)
      lanes = checked_add(lanes, cell.active);
  });
  return {lanes, spot.totals.instructions};
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::vector<HotSpot> hot_spots(const Translator& translator) {
  std::vector<CodeRange> ranges;
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 1; i < translator.blocks().size(); ++i) {
    if (translator.executions(i) == 0) continue;
    ranges.push_back({translator.blocks()[i].address, translator.blocks()[i].length});
    numbers.push_back(i);
  }
  SymbolTables tables;
  const AddressSpace space(own_mappings(), tables);
  std::vector<HotSpot> result;
  for (const CodeSpot& spot :
       code_spots(ranges, [&](std::uint64_t address) { return space.find(address); })) {
    HotSpot& hot = result.emplace_back(HotSpot{
        file_name(spot.place.module), spot.place.symbol, spot.range.address, spot.range.bytes, {}});
    for (const std::size_t block : spot.blocks)
      translator.add_totals_of(numbers[block], hot.totals);
  }
  std::ranges::stable_sort(result, std::greater{}, heat);
  return result;
}

}  // namespace flopmeter::executed
