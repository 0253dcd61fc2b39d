// Runs cases one after another under Google Benchmark and hands each over as it is finished.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "bench/bench_case.h"
#include "bench/benchmark_flags.h"
#include "bench/clock.h"
#include "results/record.h"

namespace flopmeter {

/// Takes one finished row, before the next case starts.
using Sink = std::function<void(const Record&)>;

/// Runs the cases; with --benchmark_list_tests only prints their names. Where --benchmark_format is
/// given, Google Benchmark reports on stdout as well; else nothing is printed. One row for each
/// case that --benchmark_filter lets through, whatever happens to it. Throws BadInput when there is
/// none, and what the sink throws. Not reentrant: Google Benchmark's registry and options are
/// global.
void run_cases(std::span<const BenchCase> cases, const BenchmarkFlags& flags, const Sink& sink,
               const Clock& clock = steady_seconds);

}  // namespace flopmeter
