// Runs a program with the counter preloaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "counters/executed/process_record.h"

namespace flopmeter {

/// How a program came to its end.
struct Ended {
  int status = 0;  // as of waitpid
  double seconds = 0;
  std::int32_t process = 0;  // its number
};

/// The library that is preloaded: beside this program or, when it is installed, in
/// ../lib/flopmeter. Throws BadInput.
std::string counter_library();

/// Runs the file with these arguments, the first of them its name, and waits for its end, handing
/// signals on to it. Throws BadInput when it cannot be run, std::runtime_error when there is no
/// process for it.
Ended run_counted(const std::string& file, const std::vector<std::string>& arguments,
                  const executed::RecordSpace& records, bool children);

/// "exit code 3", or by which signal.
std::string ending(const Ended& ended);

/// Ends this process as that one has ended: by the same signal. Returns its exit code.
int end_alike(const Ended& ended);

}  // namespace flopmeter
