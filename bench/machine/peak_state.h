// The registers of a peak loop in memory: constants and accumulators.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/machine/peak_spec.h"

namespace flopmeter {

/// The i-th accumulator starts from i + 1 in every lane.
class PeakState {
 public:
  /// A chain has one accumulator.
  explicit PeakState(const PeakSpec& spec, bool chain = false);

  /// Accumulators back to what they were made with. Does not allocate.
  void reset();

  /// One register behind the other: the constants, then the accumulators. Aligned to 64 bytes.
  std::byte* data() { return lines_.front().data(); }

  /// What an accumulator holds in the lanes that compute.
  std::vector<double> values(int accumulator) const;

  /// Bytes between two registers.
  static std::int64_t register_bytes(const PeakSpec& spec) { return spec.bits / 8; }

 private:
  struct alignas(64) Line : std::array<std::byte, 64> {};

  std::byte* accumulator(int index);

  const PeakSpec& spec_;
  int accumulators_;
  std::vector<Line> lines_;
};

/// What a lane of the i-th accumulator must hold after so many passes. Sums are exact as long as
/// they are below 2^21, of f16 below 2^8; an exponential ends at 0.5671433, where exp(-a) = a.
double peak_result(const PeakSpec& spec, int accumulator, std::int64_t passes);

/// How far the value may lie from it: zero, but for the exponential 1e-5.
double peak_tolerance(const PeakSpec& spec);

/// Passes after which peak_result() still holds; afterwards sums are rounded, but stay normal.
std::int64_t most_exact_passes(const PeakSpec& spec);

}  // namespace flopmeter
