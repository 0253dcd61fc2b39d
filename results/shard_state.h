// How far the jobs of a fleet are, from the result files that they write.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace flopmeter {

/// One file, as it is now. `planned` is 0 and `count` 1 where the file names no shard.
struct ShardState {
  std::filesystem::path file = {};  // empty: a shard that left none
  std::string machine = {};         // the CPU and the variables that steer kernels
  std::size_t index = 0, count = 1;
  std::size_t planned = 0, answered = 0;  // of the cases that it was to answer
  std::size_t noisy = 0, failed = 0;      // of the answered
  bool cut = false;  // its last line is not whole: it is being written, or its writer was killed

  bool complete() const { return !file.empty() && count > 1 && answered == planned; }
};

/// Reads a file while it may be growing. Throws CannotRead: it cannot be opened, or a line in the
/// middle is no JSON object.
ShardState shard_state(const std::filesystem::path& file);

}  // namespace flopmeter
