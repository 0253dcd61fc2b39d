#include "app/executed_spots.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "app/counts_json.h"
#include "app/text.h"

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

std::string spot_line(std::string_view backend, const OpCounts& counts, const std::string& name) {
  constexpr std::size_t longest_name = 90;
  return fmt::format("  {:<18}{:>20}{:>20}{:>20}  {:.{}}\n", backend, grouped(counts.macs),
                     grouped(counts.multiplies), grouped(counts.adds), name, longest_name);
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

std::string spots_text(std::string_view backend, std::span<const HotSpot> spots) {
  const std::vector<HotSpot> all = arithmetic_spots(spots);
  const std::size_t shown = std::min(all.size(), most_lines);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    text += spot_line(backend, active_counts(all[i]), name_of(all[i]));
  }
  OpCounts rest;
  for (std::size_t i = shown; i < all.size(); ++i) {
    rest = rest + active_counts(all[i]);
  }
  return all.size() > shown
             ? text + spot_line(backend, rest, fmt::format("{} others", all.size() - shown))
             : text;
}

}  // namespace flopmeter
