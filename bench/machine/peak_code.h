// Machine code of a peak loop, generated at run time: compilers move, merge or serialise such
// loops.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "bench/machine/peak_state.h"

namespace flopmeter {

/// What a loop measures. throughput: every accumulator in turn. latency: a chain, the same
/// instructions one after another on one accumulator. clock: as throughput, and between the
/// instructions a chain of integer additions, one a cycle of the core's clock.
enum class PeakLoopKind { throughput, latency, clock };

/// The code of one row of the table. Any CPU can generate it; to run it, it needs what the row
/// needs.
class PeakCode {
 public:
  /// `additions` in one pass of a clock loop, spread evenly.
  explicit PeakCode(const PeakSpec& spec, PeakLoopKind kind = PeakLoopKind::throughput,
                    int additions = 0);
  ~PeakCode();
  PeakCode(PeakCode&&) noexcept;
  PeakCode& operator=(PeakCode&&) noexcept;
  PeakCode(const PeakCode&) = delete;
  PeakCode& operator=(const PeakCode&) = delete;

  /// Times that a pass of a latency loop goes through all steps of the row.
  static int rounds_of_chain(const PeakSpec& spec);

  /// Goes through the loop `passes` times, at least once, on a state of the same row and kind. Does
  /// not allocate.
  void run(std::int64_t passes, PeakState& state) const;

  /// The loop's own bytes, from its first instruction to the jump back.
  std::span<const std::uint8_t> loop() const;

 private:
  class Generator;
  std::unique_ptr<Generator> generator_;
};

}  // namespace flopmeter
