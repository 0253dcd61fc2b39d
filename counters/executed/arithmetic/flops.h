// FLOPs of executed floating-point instructions, by the convention "exact".
#pragma once

#include <cstdint>
#include <optional>

#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed {

/// f16, bf16, f32, f64 or f80.
bool is_floating(Element element);

/// FLOPs (exact) of one lane: every multiply, add, divide and square root once, a fused or dot
/// product and its add as two. 0 of everything else, and of integers.
std::int64_t exact_flops(const Arithmetic& arithmetic);

/// FLOPs (exact) of the floating-point lanes of these totals. Throws CountOverflow.
std::int64_t exact_flops(const Totals& totals, Lanes lanes);

/// The totals of floating-point elements alone.
Totals floating_totals(const Totals& totals);

/// The share of the multiplies that FMA instructions do; empty where nothing is multiplied.
std::optional<double> fma_share(const OpCounts& counts);

}  // namespace flopmeter::executed
