#include "app/executed_spots.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "app/counts_json.h"
#include "app/text.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using executed::HotSpot;

constexpr std::size_t most_lines = 3;

bool does_arithmetic(const HotSpot& spot) {
  bool any = false;
  spot.totals.for_each(
      [&](const executed::Arithmetic&, const executed::Cell& cell) { any |= cell.active != 0; });
  return any;
}

std::vector<HotSpot> arithmetic_spots(std::span<const HotSpot> spots) {
  std::vector<HotSpot> found;
  std::ranges::copy_if(spots, std::back_inserter(found), does_arithmetic);
  return found;
}

OpCounts active_counts(const HotSpot& spot) {
  return op_counts(spot.totals, executed::Lanes::active);
}

std::string name_of(const HotSpot& spot) {
  if (spot.module.empty()) {
    return fmt::format("generated code, {} bytes", spot.bytes);
  }
  return fmt::format("{} {}", spot.module,
                     spot.symbol.empty() ? "(no name)" : demangled(spot.symbol));
}

std::vector<report::Cell> spot_cells(std::string_view backend, const OpCounts& counts,
                                     const std::string& name) {
  constexpr std::size_t longest_name = 90;
  return {{std::string(backend)},
          {grouped(counts.macs)},
          {grouped(counts.multiplies)},
          {grouped(counts.adds)},
          {name.substr(0, longest_name)}};
}

}  // namespace

nlohmann::json spots_json(std::span<const HotSpot> spots) {
  nlohmann::json list = nlohmann::json::array();
  for (const HotSpot& spot : arithmetic_spots(spots)) {
    list.push_back({{"module", spot.module},
                    {"symbol", spot.symbol},
                    {"bytes", spot.bytes},
                    {"instructions", spot.totals.instructions},
                    {"active", counts_json(active_counts(spot))}});
  }
  return list;
}

void add_spots(report::TextTable& table, std::string_view backend, std::span<const HotSpot> spots) {
  const std::vector<HotSpot> all = arithmetic_spots(spots);
  const std::size_t shown = std::min(all.size(), most_lines);
  for (std::size_t i = 0; i < shown; ++i) {
    table.rows.push_back(spot_cells(backend, active_counts(all[i]), name_of(all[i])));
  }
  OpCounts rest;
  for (std::size_t i = shown; i < all.size(); ++i) {
    rest = rest + active_counts(all[i]);
  }
  if (all.size() > shown) {
    table.rows.push_back(spot_cells(backend, rest, fmt::format("{} others", all.size() - shown)));
  }
}

}  // namespace flopmeter
