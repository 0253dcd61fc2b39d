// Sums over executed instructions, by operation, element and lanes.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "counters/executed/arithmetic/arithmetic.h"
#include "counters/op_counts.h"

namespace flopmeter::executed {

/// Executions of instructions of one kind; the lanes that their masks let through; the lanes of the
/// register width. Of tiles: output elements x K steps, active == full.
struct Cell {
  std::int64_t instructions = 0;
  std::int64_t active = 0;
  std::int64_t full = 0;

  bool operator==(const Cell&) const = default;
};

/// A cell for every operation, element, number of lanes and number of products. Fixed size (75 kB),
/// does not allocate. Sums throw CountOverflow.
class Totals {
 public:
  std::int64_t instructions = 0;  // all that were executed, arithmetic or not

  /// The mask of the arithmetic does not matter here.
  void add(const Arithmetic& arithmetic, std::int64_t executions, std::int64_t active_lanes,
           std::int64_t full_lanes);

  Totals& operator+=(const Totals& other);
  Totals& operator-=(const Totals& other);
  bool operator==(const Totals&) const = default;

  const Cell& cell(const Arithmetic& arithmetic) const { return cells_[index_of(arithmetic)]; }

  /// f(Arithmetic without a mask, const Cell&) of every cell that is not empty, in table order.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i] != Cell{}) {
        f(arithmetic_at(i), cells_[i]);
      }
    }
  }

 private:
  static constexpr std::size_t lane_kinds = 8;     // tile, 1, 2, 4, ... 64
  static constexpr std::size_t product_kinds = 3;  // 1, 2, 4

  Totals& combine_with(const Totals& other, std::int64_t sign);

  static std::size_t index_of(const Arithmetic& arithmetic);
  static Arithmetic arithmetic_at(std::size_t index);

  std::array<Cell, operation_count * element_count * lane_kinds * product_kinds> cells_{};
};

Totals operator+(Totals a, const Totals& b);
Totals operator-(Totals a, const Totals& b);

enum class Lanes { active, full };

/// The totals in the vocabulary of the formulas. Every lane is counted `products` times.
///   fma          one MAC, multiply, add and fma
///   dot          one MAC, multiply and add; not an fma, so that MACs - fmas are those of dots
///   min_max      a comparison, as compare is
///   round, approximate and other have no kind there: read them from the totals.
/// Throws CountOverflow.
OpCounts op_counts(const Totals& totals, Lanes lanes);

}  // namespace flopmeter::executed
