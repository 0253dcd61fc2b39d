#include "counters/convention.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace flopmeter {
namespace {

std::int64_t exact(const OpCounts& c) {
  return checked_add(checked_add(c.multiplies, c.adds), checked_add(c.divides, c.square_roots));
}

constexpr std::array<Convention, 3> table{{
    {"mac", "MACs", "multiplies whose product goes into an accumulator",
     [](const OpCounts& c) { return c.macs; }},
    {"flop2", "FLOPs", "2 x MAC", [](const OpCounts& c) { return checked_multiply(2, c.macs); }},
    {"exact", "FLOPs", "every multiply, add, divide and square root once, an FMA as two", exact},
}};

}  // namespace

std::span<const Convention> conventions() { return table; }

const Convention& find_convention(std::string_view name) {
  const auto* const found = std::ranges::find(table, name, &Convention::name);
  if (found == table.end()) {
    throw std::invalid_argument(
        fmt::format("unknown convention '{}': one of mac, flop2, exact", name));
  }
  return *found;
}

}  // namespace flopmeter
