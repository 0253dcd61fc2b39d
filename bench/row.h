// From a measurement to the record that is stored and printed.
#pragma once

#include <span>
#include <string>

#include "bench/bench_case.h"
#include "bench/measurement.h"
#include "results/record.h"

namespace flopmeter {

/// Operations of one call that all rates are about: 2 x MAC, taps in the padding left out. Throws
/// CountOverflow.
std::int64_t rated_operations(const Case& subject);

/// What is known before measuring. Counts that do not fit into 63 bits stay empty.
Record planned_row(const BenchCase& what);

/// The whole row, but for the command.
Record row(const BenchCase& what, const Measurement& measurement);

}  // namespace flopmeter
