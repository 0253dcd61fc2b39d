// Machine code of a peak loop, generated at run time: compilers move, merge or serialise such
// loops.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/machine/peak_spec.h"

namespace flopmeter {

/// The code of one row of the table. The CPU must have what the row needs.
class PeakCode {
 public:
  explicit PeakCode(const PeakSpec& spec);
  ~PeakCode();
  PeakCode(PeakCode&&) noexcept;
  PeakCode& operator=(PeakCode&&) noexcept;
  PeakCode(const PeakCode&) = delete;
  PeakCode& operator=(const PeakCode&) = delete;

  /// Goes through the loop `passes` times, at least once. Loads the accumulators from there and
  /// stores every one of them there: accumulators() registers of lanes() floats.
  void run(std::int64_t passes, float* accumulators) const;

 private:
  class Generator;
  std::unique_ptr<Generator> generator_;
};

/// What the accumulators start from: i + 1 in every lane of the i-th.
std::vector<float> peak_start(const PeakSpec& spec);

/// What a lane of the accumulator must hold after so many passes, exactly as long as the value is
/// below 2^21: passes up to 90,000.
double peak_result(const PeakSpec& spec, int accumulator, std::int64_t passes);

}  // namespace flopmeter
