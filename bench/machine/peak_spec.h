// The instruction mixes whose speed is measured: one table, each row a mix at one width.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/machine/cpu_feature.h"
#include "kernels/dtype.h"

namespace Xbyak {  // NOLINT(readability-identifier-naming)
class CodeGenerator;
class Operand;
}  // namespace Xbyak

namespace flopmeter {

/// Number type of a lane of the accumulators.
enum class Lane { f64, f32, f16, i32 };

/// Bytes of a lane.
int size_of(Lane);

/// An operand of a step: the accumulator, a temporary register, constant 0 or 1 in a register, or
/// any constant in memory. `chained` is constant 0, but the accumulator where the latency is
/// measured.
struct Place {
  enum class Kind { accumulator, temporary, factor, memory, chained } kind;
  int index = 0;
};

/// What a step makes of its accumulator a.
///   part         nothing: a later step uses its result
///   sum          a + amount      product      a * amount      quotient   amount / a
///   square_root  sqrt(a)         exponential  exp(-a), nearly
struct PeakEffect {
  enum class Kind { part, sum, product, quotient, square_root, exponential } kind;
  double amount = 0;
};

/// Writes one instruction. `first` is left out where the instruction has one source.
using Emit = void (*)(Xbyak::CodeGenerator& code, const Xbyak::Operand& to,
                      const Xbyak::Operand& first, const Xbyak::Operand& second);

/// One instruction of a mix.
struct PeakStep {
  std::string_view mnemonic;  // as a disassembler shows it
  Emit emit;
  Place to;
  Place first;
  Place second;
  int operations;  // of one lane: an FMA has two, a dot product two for each product, others one
  PeakEffect effect;
};

/// One row. Its loop goes through accumulators in turn. Of a sequence (an exponential), each of
/// them goes through all steps; else each has one of the steps, so that no step waits for another.
struct PeakSpec {
  std::string_view operation;  // "FMA", "multiply + add", ...
  std::string_view dtype;      // of the factors: f64 f32 f16 bf16 s8
  Lane lane;
  int bits;     // of a register, 8192 of a tile
  bool scalar;  // computes in the lowest lane alone
  CpuFeature needs;
  std::vector<PeakStep> steps;
  bool sequence;
  bool ceiling;                          // percent of peak may refer to it
  std::vector<std::uint64_t> constants;  // eight bytes each, repeated to fill a register

  bool tile() const { return bits == 8192; }
  int lanes() const { return scalar ? 1 : bits / 8 / size_of(lane); }
  int steps_of_one() const { return sequence ? static_cast<int>(steps.size()) : 1; }
  /// At least ports x latency, as far as there are registers, so that no instruction waits for its
  /// result: 2 x 5 for an FMA on Haswell, 2 x 6 for vdpbf16ps, 52 / 16 for tiles (uops.info).
  int accumulators() const;
  /// Rounds of all accumulators in one pass through the loop; some 90 instructions, so that the
  /// loop's own two count for nothing.
  int unroll() const;
  std::int64_t instructions() const;  // of one pass, without the loop's own two
  std::int64_t operations() const;    // of one pass

  /// "512", "scalar", "tile"
  std::string width() const;
  /// "f32 FMA 512 avx512f", of each row another
  std::string name() const;
  /// "vfmadd231ps zmm", "2 vfmadd231ps, vaddps ymm"
  std::string instruction() const;
};

/// Every row; of a dtype the narrow ones first, and FMA behind multiplies and adds.
std::span<const PeakSpec> peak_specs();

/// The rows that a kernel of this dtype may reach on a CPU with these features, those of f32 too,
/// because it may compute in f32. The widest and best first. At least one, of SSE2.
std::vector<const PeakSpec*> peak_candidates(Dtype dtype,
                                             const std::function<bool(CpuFeature)>& has = cpu_has);

/// Operations a second of a row.
using PeakRate = std::function<double(const PeakSpec&)>;

/// The fastest of the candidates, at least one; the first of those within 3 % of it, so that noise
/// does not choose.
const PeakSpec& fastest(std::span<const PeakSpec* const> candidates, const PeakRate& rate);

}  // namespace flopmeter
