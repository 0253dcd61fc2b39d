// Machine code of a MacLoop, generated at run time, so that no compiler fuses or splits anything.
#pragma once

#include <cstdint>
#include <memory>

#include "bench/experiments/fma/mac_loop.h"
#include "bench/experiments/fma/mac_state.h"

namespace flopmeter {

class MacCode {
 public:
  /// The CPU must be able to run it: why_not() is empty.
  explicit MacCode(const MacLoop& loop);
  ~MacCode();
  MacCode(MacCode&&) noexcept;
  MacCode& operator=(MacCode&&) noexcept;
  MacCode(const MacCode&) = delete;
  MacCode& operator=(const MacCode&) = delete;

  /// Goes through the loop `passes` times, at least once, on a state of the same loop. Does not
  /// allocate.
  void run(std::int64_t passes, MacState& state) const;

 private:
  class Generator;
  std::unique_ptr<Generator> generator_;
};

}  // namespace flopmeter
