// The batch axes of a matrix product, each of which may be broadcast for itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flopmeter::matmul {

/// As many as oneDNN's 12 dimensions leave besides rows and columns.
inline constexpr std::size_t most_axes = 10;

/// Outermost first; a 1 is repeated.
using Axes = std::array<std::int64_t, most_axes>;

/// The matrices of a batch. Throws CountOverflow.
std::int64_t total(const Axes&);

/// The larger of the two in each axis.
Axes broadcast(const Axes& a, const Axes& b);

/// Which matrix of a source an element of the broadcast batch takes, and whether it is the first to
/// take it.
struct Place {
  std::int64_t at = 0;
  bool first = true;
};
Place place(const Axes& source, const Axes& all, std::int64_t element);

/// One axis of both sources.
struct AxisPair {
  std::int64_t a, b;
  bool operator==(const AxisPair&) const = default;
};

/// The fewest axes that say the same: ones left out, and neighbours put together where both are
/// whole or the same one is broadcast.
std::vector<AxisPair> merged(const Axes& a, const Axes& b);

}  // namespace flopmeter::matmul
