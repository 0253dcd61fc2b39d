// One case timed exactly as `flopmeter bench` times it, one sample at a time.
#pragma once

#include <memory>
#include <string_view>

#include "bench/experiments/overhead/contest.h"

namespace flopmeter::overhead {

/// A sampler of the harness' own loop for the default case of the backend with this shape: between
/// its peak bursts, under Google Benchmark. Throws std::runtime_error where the case does not run.
Sampler harness_sampler(std::string_view layer, std::string_view shape, std::string_view backend);

}  // namespace flopmeter::overhead
