// The peaks that can be measured: one table, each row an instruction mix.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "bench/machine/cpu_feature.h"
#include "kernels/dtype.h"

namespace flopmeter {

/// What the instructions of a loop do to their accumulators.
///   fma           a += x * y, fused
///   dot           a += x0 * y0 + x1 * y1, pairs of bf16 into f32
///   integer_dot   a += x0 * y0 + ... + x3 * y3, fours of 8-bit integers into 32 bits
///   multiply_add  every other accumulator a *= x, the others a += y: a MAC without FMA
enum class PeakKind { fma, dot, integer_dot, multiply_add };

/// One ceiling. Accumulators: at least ports x latency, so that no instruction waits for its
/// result.
struct PeakSpec {
  std::string_view name;  // "f32 FMA 512"
  Dtype dtype;
  CpuFeature needs;
  int bits;  // of a register
  PeakKind kind;
  std::string_view instruction;  // as a disassembler shows it
  int operations;                // of one instruction: an FMA lane has two
  int accumulators;

  int lanes() const { return bits / 32; }  // all accumulators have 32 bits
  /// Instructions on each accumulator in one pass through the loop; some 90 in all, so that the
  /// loop's own two count for nothing.
  int unroll() const { return 96 / accumulators; }
};

/// Every row, for each dtype the widest and best first.
std::span<const PeakSpec> peak_specs();

/// The row that percent of peak refers to: the first of the dtype that the CPU has. A dtype without
/// any (no bf16 instructions) is computed in f32, so it is that of f32.
const PeakSpec& peak_spec(Dtype dtype, const std::function<bool(CpuFeature)>& has = cpu_has);

}  // namespace flopmeter
