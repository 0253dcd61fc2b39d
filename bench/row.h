// From a measurement to the record that is stored and printed.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bench/bench_case.h"
#include "bench/measurement.h"
#include "results/record.h"

namespace flopmeter {

/// The convention of the operations that all rates are about: flop2, which is 2 x MAC, or exact for
/// what has no MACs, such as an activation, so that it has a rate at all.
std::string_view rated_convention(const Case& subject, std::span<const Pass> computes = {});

/// Operations of one call by that convention, taps in the padding left out. `computes` are the
/// passes of a kernel that computes more than the one that it was asked for. Throws CountOverflow.
std::int64_t rated_operations(const Case& subject, std::span<const Pass> computes = {});

/// Bytes of every operand once, likewise.
std::int64_t rated_bytes(const Case& subject, std::span<const Pass> computes = {});

/// What a row's convention ends with where its kernel made both gradients at once.
inline constexpr std::string_view of_both_gradients = " of both gradients";

/// What is known before measuring. Counts that do not fit into 63 bits stay empty.
Record planned_row(const BenchCase& what);

/// The whole row, but for the command.
Record row(const BenchCase& what, const Measurement& measurement);

}  // namespace flopmeter
