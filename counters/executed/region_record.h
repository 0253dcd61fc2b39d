// What the regions of a process have executed, in the file that the process shares with
// `flopmeter exec`: whatever ends the process, what was counted stays. Both sides are of one build.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed {

/// All calls of all threads of the regions of one name.
struct RegionRecord {
  static constexpr std::size_t longest_name = 119;

  std::array<char, longest_name + 1> name{};  // ends with 0
  std::int64_t calls = 0;
  std::int64_t open = 0;  // of the calls: not ended, or not yet
  std::int64_t threads = 0;
  std::int64_t seconds_1e9 = 0;       // nanoseconds during which some thread was in it
  std::int64_t call_seconds_1e9 = 0;  // the sum over calls of its threads
  std::int64_t fewest_flops = 0;      // exact, of active lanes, of a call that has ended
  std::int64_t most_flops = 0;
  std::int64_t helped_flops = 0;  // by threads without marks
  // Of the fewest and the most: by threads that made marks only after the call had ended.
  std::int64_t doubtful_flops = 0;
  Totals totals;
};

struct RegionTable {
  static constexpr std::uint64_t magic_value = 0x3147'4552'4558'454d;
  static constexpr std::uint32_t most = 512;

  std::uint64_t magic = magic_value;
  std::atomic<std::uint32_t> size = 0;
  std::int64_t beyond_most = 0;    // marks of more names than there is room for
  std::int64_t never_begun = 0;    // ends of what the thread had not begun
  std::int64_t too_many_open = 0;  // begins while a thread had more open than there is room for
  std::int64_t shared_flops = 0;   // by threads without marks while several threads were in regions
  bool overflow = false;           // the totals exceed 63 bits
  std::array<RegionRecord, most> regions;
};

}  // namespace flopmeter::executed
