#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed {
namespace {

Cell combine(const Cell& a, const Cell& b, std::int64_t sign) {
  return {checked_add(a.instructions, sign * b.instructions),
          checked_add(a.active, sign * b.active), checked_add(a.full, sign * b.full)};
}

}  // namespace

std::size_t Totals::index_of(const Arithmetic& arithmetic) {
  auto index = static_cast<std::size_t>(arithmetic.operation);
  index = index * element_count + static_cast<std::size_t>(arithmetic.element);
  index = index * lane_kinds + static_cast<std::size_t>(std::bit_width(arithmetic.lanes));
  return index * product_kinds + static_cast<std::size_t>(std::countr_zero(arithmetic.products));
}

Arithmetic Totals::arithmetic_at(std::size_t index) {
  Arithmetic arithmetic;
  arithmetic.products = static_cast<std::uint8_t>(1U << index % product_kinds);
  index /= product_kinds;
  arithmetic.lanes = static_cast<std::uint8_t>((1U << index % lane_kinds) >> 1U);
  index /= lane_kinds;
  arithmetic.element = static_cast<Element>(index % element_count);
  arithmetic.operation = static_cast<Operation>(index / element_count);
  return arithmetic;
}

void Totals::add(const Arithmetic& arithmetic, std::int64_t executions, std::int64_t active_lanes,
                 std::int64_t full_lanes) {
  Cell& cell = cells_.at(index_of(arithmetic));
  cell = combine(cell, {executions, active_lanes, full_lanes}, 1);
}

Totals& Totals::combine_with(const Totals& other, std::int64_t sign) {
  instructions = checked_add(instructions, sign * other.instructions);
  // Most are empty: what is not written takes no memory where the pages are new.
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (other.cells_[i] != Cell{}) {
      cells_[i] = combine(cells_[i], other.cells_[i], sign);
    }
  }
  return *this;
}

Totals& Totals::operator+=(const Totals& other) { return combine_with(other, 1); }
Totals& Totals::operator-=(const Totals& other) { return combine_with(other, -1); }

Totals operator+(Totals a, const Totals& b) { return a += b; }
Totals operator-(Totals a, const Totals& b) { return a -= b; }

}  // namespace flopmeter::executed
