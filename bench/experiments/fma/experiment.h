// One width of `flopmeter fma`: its loops verified, then timed in turn, and the answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/experiments/fma/mac_code.h"
#include "bench/experiments/fma/rounds.h"

namespace flopmeter {

struct FmaOptions {
  std::size_t rounds = 11;
  double seconds = 2e-3;  // of one look at one loop
};

/// What was found out about one loop.
struct LoopResult {
  MacLoop loop;
  std::string unavailable = {};  // why it was not run; empty: it was
  std::string failed = {};       // what the counter saw instead of what was generated
  std::vector<Timing> timings = {};

  /// Seconds, cycles of a pass. Only where there are timings.
  Estimate seconds() const { return estimate(timings, &Timing::seconds); }
  Estimate cycles() const { return estimate(timings, &Timing::cycles); }
  /// Operations of the convention exact, which of MACs are flop2.
  double gflops() const { return static_cast<double>(loop.flops()) / seconds().median / 1e9; }
};

/// Generates the loops, counts what they execute and times those that execute what they should.
/// Nothing is timed that could not be counted.
std::vector<LoopResult> measure_loops(const std::vector<MacLoop>& loops, const FmaOptions& options,
                                      const Clock& clock = steady_seconds);

/// What one FMA is worth at one width.
struct Answer {
  Real real;
  const Width* width;
  /// Time of separate multiplies and adds over that of FMAs, mix by mix. Empty: not measured.
  std::array<std::optional<Estimate>, 3> speedups;
  /// Time of FMAs over that of as many multiplies alone, throughput.
  std::optional<Estimate> fma_over_multiply = {};
  std::string reason = {};  // why there is none
};

/// From the results of mac_loops() of one width.
Answer answer(std::span<const LoopResult> results);

/// Times that differ by no more are the same, and samples that move by more bear no answer.
inline constexpr double same_within = 0.05;

/// Whether one FMA takes the time of one multiply: at most 5 % more. Empty where the samples moved
/// by more than that, or there are none.
std::optional<bool> does_two_in_one(const Answer& answer);

}  // namespace flopmeter
