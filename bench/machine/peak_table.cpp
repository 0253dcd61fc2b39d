// Values stay normal for thousands of passes, and sums of them exact.
#include "bench/machine/peak_table.h"

#include <bit>

#include "bench/machine/emit.h"

// A namespace of its own: short names for a table, merged with no other source.
namespace flopmeter::peak_rows {
namespace {

using Code = Xbyak::CodeGenerator;
using Shift = void (Code::*)(const Xbyak::Xmm&, const Xbyak::Operand&, std::uint8_t);
using enum CpuFeature;

constexpr Place a{Place::Kind::accumulator};
constexpr Place x{Place::Kind::factor, 0};
constexpr Place y{Place::Kind::factor, 1};
constexpr Place chained{Place::Kind::chained};
constexpr Place t0{Place::Kind::temporary, 0};
constexpr Place t1{Place::Kind::temporary, 1};
constexpr Place t2{Place::Kind::temporary, 2};
constexpr Place memory(int index) { return {Place::Kind::memory, index}; }

constexpr PeakEffect part{PeakEffect::Kind::part};
constexpr PeakEffect sum(double amount) { return {PeakEffect::Kind::sum, amount}; }

constexpr std::uint64_t halves(std::uint32_t bits) { return std::uint64_t{bits} << 32U | bits; }
constexpr std::uint64_t f64(double value) { return std::bit_cast<std::uint64_t>(value); }
constexpr std::uint64_t f32(double value) {
  return halves(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
}
/// Of f32 the upper halves, which no bits are lost of here.
constexpr std::uint64_t bf16(float value) {
  const std::uint32_t upper = std::bit_cast<std::uint32_t>(value) >> 16U;
  return halves(upper << 16U | upper);
}
constexpr std::uint64_t f16_1_5 = 0x3e00'3e00'3e00'3e00;
constexpr std::uint64_t f16_1_25 = 0x3d00'3d00'3d00'3d00;
constexpr std::uint64_t bytes_1 = 0x0101'0101'0101'0101;
constexpr std::uint64_t words_1 = 0x0001'0001'0001'0001;

// Factors of FMAs, and of multiplies without FMAs, which must not grow. Sums add y, too.
constexpr double fma_x = 1.5;
constexpr double multiply_x = -1;
constexpr double factor_y = 1.25;
constexpr double product = fma_x * factor_y;

struct Instruction {
  std::string_view mnemonic;
  Emit emit;
};

/// What is the same of f32 and f64, of one lane and of all.
struct Verbs {
  std::string_view dtype;
  Lane lane;
  bool scalar;
  std::uint64_t (*constant)(double);
  Instruction multiply, add, subtract, divide, square_root;
  Instruction fma231, fma213, fnmsub231;  // a += b*c, a = b*a + c, a = -b*c - a
  Instruction shift, integer_add;         // by the bits of the significand; of the exponent
  double to_integer;  // adding it rounds, and leaves an integer in the lowest bits
};

constexpr Verbs packed_f32{"f32",
                           Lane::f32,
                           false,
                           f32,
                           {"vmulps", emit<&Code::vmulps>},
                           {"vaddps", emit<&Code::vaddps>},
                           {"vsubps", emit<&Code::vsubps>},
                           {"vdivps", emit<&Code::vdivps>},
                           {"vsqrtps", emit<&Code::vsqrtps>},
                           {"vfmadd231ps", emit<&Code::vfmadd231ps>},
                           {"vfmadd213ps", emit<&Code::vfmadd213ps>},
                           {"vfnmsub231ps", emit<&Code::vfnmsub231ps>},
                           {"vpslld", emit<static_cast<Shift>(&Code::vpslld), std::uint8_t{23}>},
                           {"vpaddd", emit<&Code::vpaddd>},
                           0x1.8p23};
constexpr Verbs packed_f64{"f64",
                           Lane::f64,
                           false,
                           f64,
                           {"vmulpd", emit<&Code::vmulpd>},
                           {"vaddpd", emit<&Code::vaddpd>},
                           {"vsubpd", emit<&Code::vsubpd>},
                           {"vdivpd", emit<&Code::vdivpd>},
                           {"vsqrtpd", emit<&Code::vsqrtpd>},
                           {"vfmadd231pd", emit<&Code::vfmadd231pd>},
                           {"vfmadd213pd", emit<&Code::vfmadd213pd>},
                           {"vfnmsub231pd", emit<&Code::vfnmsub231pd>},
                           {"vpsllq", emit<static_cast<Shift>(&Code::vpsllq), std::uint8_t{52}>},
                           {"vpaddq", emit<&Code::vpaddq>},
                           0x1.8p52};
constexpr Verbs scalar_f32{"f32",
                           Lane::f32,
                           true,
                           f32,
                           {"vmulss", emit<&Code::vmulss>},
                           {"vaddss", emit<&Code::vaddss>},
                           {"vsubss", emit<&Code::vsubss>},
                           {"vdivss", emit<&Code::vdivss>},
                           {"vsqrtss", emit<&Code::vsqrtss>},
                           {"vfmadd231ss", emit<&Code::vfmadd231ss>},
                           {"vfmadd213ss", emit<&Code::vfmadd213ss>},
                           {"vfnmsub231ss", emit<&Code::vfnmsub231ss>},
                           packed_f32.shift,
                           packed_f32.integer_add,
                           packed_f32.to_integer};
constexpr Verbs scalar_f64{"f64",
                           Lane::f64,
                           true,
                           f64,
                           {"vmulsd", emit<&Code::vmulsd>},
                           {"vaddsd", emit<&Code::vaddsd>},
                           {"vsubsd", emit<&Code::vsubsd>},
                           {"vdivsd", emit<&Code::vdivsd>},
                           {"vsqrtsd", emit<&Code::vsqrtsd>},
                           {"vfmadd231sd", emit<&Code::vfmadd231sd>},
                           {"vfmadd213sd", emit<&Code::vfmadd213sd>},
                           {"vfnmsub231sd", emit<&Code::vfnmsub231sd>},
                           packed_f64.shift,
                           packed_f64.integer_add,
                           packed_f64.to_integer};

// What only 512 bits have: rounding to integers, and a * 2^b.
struct WideVerbs {
  Instruction round, scale;
};
constexpr WideVerbs wide_f32{{"vrndscaleps", emit<&Code::vrndscaleps, std::uint8_t{0}>},
                             {"vscalefps", emit<&Code::vscalefps>}};
constexpr WideVerbs wide_f64{{"vrndscalepd", emit<&Code::vrndscalepd, std::uint8_t{0}>},
                             {"vscalefpd", emit<&Code::vscalefpd>}};

PeakStep step(const Instruction& what, Place to, Place first, Place second, int operations = 1,
              PeakEffect effect = part) {
  return {what.mnemonic, what.emit, to, first, second, operations, effect};
}

/// exp(-a) = 2^n p(r): n = round(-a / ln 2), r = -a - n ln 2, p the Taylor polynomial of degree 5.
enum ExpConstant { per_ln2 = 2, to_integer, ln2, fifth, fourth, third, half, one };

std::vector<std::uint64_t> constants(const Verbs& verbs, double x_value) {
  std::vector<std::uint64_t> values;
  for (const double value : {x_value, factor_y, -1.44269504088896341, verbs.to_integer,
                             0.693147180559945309, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0}) {
    values.push_back(verbs.constant(value));
  }
  return values;
}

/// From a = r into t2.
std::vector<PeakStep> polynomial(const Verbs& v) {
  std::vector<PeakStep> steps{step(v.multiply, t2, a, memory(fifth)),
                              step(v.add, t2, t2, memory(fourth))};
  for (const int coefficient : {third, half, one, one}) {
    steps.push_back(step(v.fma213, t2, a, memory(coefficient), 2));
  }
  return steps;
}

std::vector<PeakStep> joined(std::vector<PeakStep> begin, const std::vector<PeakStep>& middle,
                             PeakStep end) {
  begin.insert(begin.end(), middle.begin(), middle.end());
  end.effect = {PeakEffect::Kind::exponential};
  begin.push_back(end);
  return begin;
}

std::vector<PeakStep> exponential(const Verbs& v) {
  return joined({step(v.multiply, t0, a, memory(per_ln2)), step(v.add, t0, t0, memory(to_integer)),
                 step(v.shift, t1, t0, t0), step(v.subtract, t0, t0, memory(to_integer)),
                 step(v.fnmsub231, a, t0, memory(ln2), 2)},
                polynomial(v), step(v.integer_add, a, t2, t1));
}

std::vector<PeakStep> wide_exponential(const Verbs& v, const WideVerbs& wide) {
  return joined({step(v.multiply, t0, a, memory(per_ln2)), step(wide.round, t0, t0, t0),
                 step(v.fnmsub231, a, t0, memory(ln2), 2)},
                polynomial(v), step(wide.scale, a, t2, t0));
}

/// What f32 and f64 have, of one lane or of all.
void append_real(std::vector<PeakMix>& table, const Verbs& v, const WideVerbs& wide) {
  using Widths = std::vector<PeakWidth>;
  const auto widths = [&](CpuFeature narrow) {
    return v.scalar ? Widths{{128, narrow}} : Widths{{128, narrow}, {256, narrow}, {512, avx512f}};
  };
  const PeakStep multiply = step(v.multiply, a, a, x, 1, {PeakEffect::Kind::product, multiply_x});
  const PeakStep add = step(v.add, a, a, y, 1, sum(factor_y));
  const PeakStep fused = step(v.fma231, a, x, y, 2, sum(product));
  const PeakStep divide = step(v.divide, a, y, a, 1, {PeakEffect::Kind::quotient, factor_y});
  const PeakStep root = step(v.square_root, a, a, a, 1, {PeakEffect::Kind::square_root});
  const bool packed = !v.scalar;
  const auto append = [&](std::string_view operation, const Widths& at, std::vector<PeakStep> steps,
                          double x_value, bool sequence = false, bool ceiling = false) {
    table.push_back({operation, v.dtype, v.lane, v.scalar, at, std::move(steps),
                     constants(v, x_value), sequence, ceiling});
  };
  append("add", widths(avx), {add}, multiply_x);
  append("multiply", widths(avx), {multiply}, multiply_x);
  append("multiply + add", widths(avx), {multiply, add}, multiply_x, false, packed);
  append("FMA", widths(fma), {fused}, fma_x, false, packed);
  append("FMA + add", widths(fma), {fused, add}, fma_x);
  append("2 FMA + add", widths(fma), {fused, fused, add}, fma_x);
  append("divide", widths(avx), {divide}, multiply_x);
  append("square root", widths(avx), {root}, multiply_x);
  append("exp", v.scalar ? Widths{{128, avx2}} : Widths{{128, avx2}, {256, avx2}}, exponential(v),
         multiply_x, true);
  if (packed) {
    append("exp", {{512, avx512f}}, wide_exponential(v, wide), multiply_x, true);
  }
}

std::vector<PeakMix> all_rows() {
  const std::vector<std::uint64_t> sse_factors{f32(multiply_x), f32(factor_y)};
  const PeakStep sse_multiply{
      "mulps", emit<&Code::mulps>, a, a, x, 1, {PeakEffect::Kind::product, multiply_x}};
  const PeakStep sse_add{"addps", emit<&Code::addps>, a, a, y, 1, sum(factor_y)};
  std::vector<PeakMix> table{{"multiply + add",
                              "f32",
                              Lane::f32,
                              false,
                              {{128, sse2}},
                              {sse_multiply, sse_add},
                              sse_factors,
                              false,
                              true}};
  append_real(table, scalar_f32, wide_f32);
  append_real(table, packed_f32, wide_f32);
  append_real(table, scalar_f64, wide_f64);
  append_real(table, packed_f64, wide_f64);

  const auto append = [&](std::string_view operation, std::string_view dtype, Lane lane,
                          std::vector<PeakWidth> widths, std::vector<PeakStep> steps,
                          std::vector<std::uint64_t> factors, bool sequence = false) {
    table.push_back({operation, dtype, lane, false, std::move(widths), std::move(steps),
                     std::move(factors), sequence, true});
  };
  append("FMA", "f16", Lane::f16, {{128, avx512_fp16}, {256, avx512_fp16}, {512, avx512_fp16}},
         {{"vfmadd231ph", emit<&Code::vfmadd231ph>, a, x, y, 2, sum(product)}},
         {f16_1_5, f16_1_25});
  append("dot product", "bf16", Lane::f32,
         {{128, avx512_bf16_vl}, {256, avx512_bf16_vl}, {512, avx512_bf16}},
         {{"vdpbf16ps", emit<&Code::vdpbf16ps>, a, x, y, 4, sum(2 * product)}},
         {bf16(fma_x), bf16(factor_y)});
  append("dot product", "bf16", Lane::f32, {{8192, amx_bf16}},
         {{"tdpbf16ps", emit<&Code::tdpbf16ps>, a, x, y, 64, sum(32 * product)}},
         {bf16(fma_x), bf16(factor_y)});
  append("dot product", "s8", Lane::i32, {{128, avx}, {256, avx2}, {512, avx512bw}},
         {{"vpmaddubsw", emit<&Code::vpmaddubsw>, t0, chained, x, 0, part},
          {"vpmaddwd", emit<&Code::vpmaddwd>, t0, t0, y, 0, part},
          {"vpaddd", emit<&Code::vpaddd>, a, a, t0, 8, sum(4)}},
         {bytes_1, words_1}, true);
  append("dot product", "s8", Lane::i32, {{128, avx_vnni}, {256, avx_vnni}},
         {{"vpdpbusd", emit<&Code::vpdpbusd, Xbyak::VexEncoding>, a, x, y, 8, sum(4)}},
         {bytes_1, bytes_1});
  append("dot product", "s8", Lane::i32,
         {{128, avx512_vnni_vl}, {256, avx512_vnni_vl}, {512, avx512_vnni}},
         {{"vpdpbusd", emit<&Code::vpdpbusd, Xbyak::EvexEncoding>, a, x, y, 8, sum(4)}},
         {bytes_1, bytes_1});
  append("dot product", "s8", Lane::i32, {{8192, amx_int8}},
         {{"tdpbusd", emit<&Code::tdpbusd>, a, x, y, 128, sum(64)}}, {bytes_1, bytes_1});
  return table;
}

}  // namespace
}  // namespace flopmeter::peak_rows

namespace flopmeter {

std::vector<PeakMix> peak_table() { return peak_rows::all_rows(); }

}  // namespace flopmeter
