// How large the caches behave, where a virtual machine shows sizes that are not its own.
#pragma once

#include <cstdint>
#include <functional>

namespace flopmeter {

/// Seconds that it takes to read a small array right after so many bytes of something else were read.
using ReadAfter = std::function<double(std::int64_t bytes)>;

/// Behind how many bytes of something else half of what the caches give is gone: the size that they behave as.
/// Looks at 2 to 512 MiB, doubled each time, and goes by the logarithm in between; half is between the median
/// of the three fastest and of the three slowest sizes.
std::int64_t cache_bytes(const ReadAfter& read_after);

/// The same, measured on the calling thread: the median of three looks, each of medians of reads of 2 MiB.
/// About a second.
std::int64_t measured_cache_bytes(const std::function<double()>& clock);

/// Bytes of the second level as the C library says, which a core has for itself on all server CPUs; else 1 MiB.
std::int64_t own_cache_bytes();

}  // namespace flopmeter
