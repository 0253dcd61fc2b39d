// The loops of `flopmeter fma`: the same multiplies and adds apart and fused, at every width.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/machine/cpu_feature.h"
#include "counters/executed/arithmetic/totals.h"

namespace flopmeter {

/// The number type of every lane.
enum class Real { f32, f64 };

std::string_view to_string(Real);
/// Throws BadInput naming the accepted ones.
Real parse_real(std::string_view);

/// An instruction set by the name that people know.
struct Need {
  CpuFeature feature;
  std::string_view name;
};

struct Width {
  std::string_view name;  // "scalar", "128", ...
  int bits;               // of a register
  bool scalar;            // computes in the lowest lane alone
  Need apart;             // what multiplies and adds need
  Need fused;

  int lanes(Real real) const { return scalar ? 1 : bits / (real == Real::f32 ? 32 : 64); }
};

/// Every width, narrowest first.
std::span<const Width> widths();

/// What waits for what.
///   throughput  a += x * y into 12 sums: only the execution units limit it
///   sum         a += x * y into one sum: each add waits for the add before, no product does
///   horner      a = a * x + y, one chain: each multiply and each add waits for what went before
enum class Mix { throughput, sum, horner };
inline constexpr std::array<Mix, 3> all_mixes{Mix::throughput, Mix::sum, Mix::horner};

/// With which instructions. multiply and add do one half of the work: a *= x, a += y.
enum class Form { multiply, add, separate, fused };

std::string_view to_string(Mix);
std::string_view to_string(Form);
/// "a += x * y, 12 sums"
std::string_view equation(Mix);

/// One loop. A pass through it does 96 steps, in turn on each accumulator.
struct MacLoop {
  Real real;
  const Width* width;
  Mix mix;
  Form form;

  static constexpr int steps = 96;

  bool operator==(const MacLoop&) const = default;

  int lanes() const { return width->lanes(real); }
  /// 12: more than ports x latency, 2 x 5 on Haswell.
  int accumulators() const { return mix == Mix::throughput ? 12 : 1; }
  bool multiplies() const { return form == Form::multiply || form == Form::separate; }
  bool adds() const { return form == Form::add || form == Form::separate; }
  const Need& need() const { return form == Form::fused ? width->fused : width->apart; }

  /// "vmulps, vaddps zmm"
  std::string instructions() const;

  /// What so many passes execute, the two instructions that close the loop included.
  executed::Totals expected(std::int64_t passes) const;

  /// Operations of one pass by the convention exact: every multiply and every add once, an FMA as
  /// two. Of MACs the same as flop2.
  std::int64_t flops() const;
};

/// The loops of one width: throughput in all forms, the chains apart and fused.
std::vector<MacLoop> mac_loops(Real real, const Width& width);

/// Why this CPU cannot run the loop; empty: it can.
std::string why_not(const MacLoop& loop, const std::function<bool(CpuFeature)>& has = cpu_has);

}  // namespace flopmeter
