// Does a case fit into this machine? Linux hands out memory that it has not got and kills the
// program later, which would lose the whole run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "bench/bench_case.h"

namespace flopmeter {

/// Bytes that validating and timing the case takes at the most: operands and truth, and the
/// backend's copies of the operands. Throws CountOverflow.
std::int64_t needed_bytes(const Case& subject);

/// Bytes that can be had without swapping, from /proc below `root`; -1 where it is not known.
std::int64_t available_bytes(const std::filesystem::path& root = "/");

/// "needs 12.3 GB of memory, 7.0 GB are available", or empty when it fits.
std::string lack_of_memory(std::int64_t needed, std::int64_t available);

}  // namespace flopmeter
