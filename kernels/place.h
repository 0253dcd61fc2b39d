// Places of rows, as look-ups have them.
#pragma once

#include <cstdint>

#include "counters/counted.h"
#include "kernels/bad_input.h"

namespace flopmeter {

/// Places lie in tensors of floating-point numbers, which hold all integers up to 2^24 exactly.
inline constexpr std::int64_t most_rows = std::int64_t{1} << 24U;

/// The row that a number means. Throws BadInput below 0 and from `rows` on: a network may compute
/// places, and what lies elsewhere would be read without a remark.
inline std::int64_t place(double value, std::int64_t rows) {
  const auto row = static_cast<std::int64_t>(value);
  if (row < 0 || row >= rows) {
    bad_input("place {} of a look-up: must be from 0 to {}", row, rows - 1);
  }
  return row;
}
template <class T>
std::int64_t place(Counted<T> value, std::int64_t rows) {
  return place(static_cast<double>(value.value), rows);
}

}  // namespace flopmeter
