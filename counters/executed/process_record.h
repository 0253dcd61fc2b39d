// What a counted process writes down about itself, for `flopmeter exec` to read: this record, block
// records up to one of address 0, and the text of /proc/self/maps. Both sides are of one build.
#pragma once

#include <array>
#include <cstdint>

#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed {

/// How far a process came with the counter in it.
enum class Stage : std::uint8_t {
  loaded,       // the C library has not called main
  started,      // it has, and the process has not come to its end
  ended,        // the totals are those at its end, by a signal too
  unavailable,  // the counter does not work here
};

struct ProcessRecord {
  static constexpr std::uint64_t magic_value = 0x3152'4543'4558'454d;

  std::uint64_t magic = magic_value;
  Stage stage = Stage::loaded;
  bool repeated = false;         // an instruction with a rep prefix ran: it counts once
  bool left_by_jump = false;     // a thread ended by pthread_exit or was cancelled
  bool ended_uncounted = false;  // the end came in code that runs as it is
  bool replaced = false;         // the last it did was to run another program in its place
  bool overflow = false;         // the totals exceed 63 bits
  std::int32_t process = 0;      // its number
  std::int64_t seconds_1e9 = 0;  // from the start of main to this record, in nanoseconds
  std::int64_t threads = 0;      // that were counted, the first included
  std::int64_t uncounted_threads = 0;
  std::int64_t processes = 0;  // that it made
  std::array<char, 128>
      unsupported{};                // an instruction that cannot be counted; empty: none was met
  std::array<char, 512> program{};  // its file's name
  Totals totals;
};

/// What a translated block has done so far.
struct BlockRecord {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::int64_t instructions = 0;
  std::int64_t flops = 0;  // exact, of active lanes
  std::int64_t macs = 0;   // of active lanes, of any element
};

}  // namespace flopmeter::executed
