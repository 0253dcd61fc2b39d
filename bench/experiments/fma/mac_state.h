// The registers of a MacLoop in memory: x, y and the accumulators.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/experiments/fma/mac_loop.h"

namespace flopmeter {

/// The x and y of a loop, the same in every lane.
struct Factors {
  double x;
  double y;
};

/// With these no accumulator gets large, small or special in 10,000 passes.
inline constexpr Factors timed_factors{-1, 1.5};

/// The i-th accumulator starts from i + 1 in every lane.
class MacState {
 public:
  explicit MacState(const MacLoop& loop, Factors factors = timed_factors);

  /// Back to what it was made with. Does not allocate.
  void reset();

  /// One register behind the other: x, y, then the accumulators.
  std::byte* data() { return bytes_.data(); }

  /// What the accumulators hold in the lanes that compute, one accumulator after another.
  std::vector<double> accumulators() const;

 private:
  void fill(std::size_t register_index, double value);

  MacLoop loop_;
  std::vector<std::byte> start_;
  std::vector<std::byte> bytes_;
};

}  // namespace flopmeter
