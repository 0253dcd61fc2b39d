#include "bench/machine/peak_code.h"

#include <xbyak/xbyak.h>

#include <array>
#include <bit>
#include <cassert>

namespace flopmeter {
namespace {

// Sums of these are exact, and no value gets large, small or special.
constexpr float fma_x = 1.5F;
constexpr float fma_y = 1.25F;
constexpr float multiplier = -1;
constexpr float addend = 1.875F;

/// A pair of equal bf16, which are the upper halves of f32.
float bf16_pair(float value) {
  const std::uint32_t upper = std::bit_cast<std::uint32_t>(value) >> 16U;
  return std::bit_cast<float>(upper << 16U | upper);
}

/// Four integers of 1. An accumulator, which starts as the bits of an f32, goes up by 4.
constexpr auto ones = std::bit_cast<float>(0x01010101U);
constexpr std::int64_t ones_dot = 4;

struct Factors {
  float x;
  float y;
};

Factors factors(PeakKind kind) {
  switch (kind) {
    case PeakKind::dot:
      return {bf16_pair(fma_x), bf16_pair(fma_y)};
    case PeakKind::integer_dot:
      return {ones, ones};
    case PeakKind::multiply_add:
      return {multiplier, addend};
    case PeakKind::fma:
      break;
  }
  return {fma_x, fma_y};
}

bool multiplies(int accumulator) { return accumulator % 2 == 0; }

}  // namespace

/// void(passes in rdi, accumulators in rsi, registers full of x and y in rdx). The pages are
/// writable first and executable afterwards, never both.
class PeakCode::Generator : public Xbyak::CodeGenerator {
 public:
  explicit Generator(const PeakSpec& spec)
      : CodeGenerator(4096, Xbyak::DontSetProtectRWE), spec_(spec) {
    transfer_factors();
    transfer_accumulators([&](const Xbyak::Xmm& a, const Xbyak::Address& at) { load(a, at); });
    Xbyak::Label loop;
    align(64);
    L(loop);
    for (int i = 0; i < spec_.unroll() * spec_.accumulators; ++i) {
      compute(i % spec_.accumulators);
    }
    dec(rdi);
    jnz(loop, T_NEAR);
    transfer_accumulators([&](const Xbyak::Xmm& a, const Xbyak::Address& at) { store(a, at); });
    finish();
  }

  void run(std::int64_t passes, float* accumulators) const {
    const auto [x, y] = factors(spec_.kind);
    alignas(64) std::array<float, 32> both{};
    std::fill_n(both.begin(), 16, x);
    std::fill_n(both.begin() + 16, 16, y);
    getCode<void (*)(std::int64_t, float*, const float*)>()(passes, accumulators, both.data());
  }

 private:
  bool wide() const { return spec_.bits == 512; }
  bool vex() const { return spec_.needs != CpuFeature::sse2; }
  int x() const { return wide() ? 30 : 14; }
  int y() const { return wide() ? 31 : 15; }

  Xbyak::Xmm reg(int index) const {
    switch (spec_.bits) {
      case 512:
        return Xbyak::Zmm(index);
      case 256:
        return Xbyak::Ymm(index);
      default:
        return Xbyak::Xmm(index);
    }
  }

  void load(const Xbyak::Xmm& to, const Xbyak::Address& from) {
    vex() ? vmovups(to, from) : movups(to, from);
  }
  void store(const Xbyak::Xmm& from, const Xbyak::Address& to) {
    vex() ? vmovups(to, from) : movups(to, from);
  }

  void transfer_factors() {
    load(reg(x()), ptr[rdx]);
    load(reg(y()), ptr[rdx + 64]);
  }

  template <class Move>
  void transfer_accumulators(Move move) {
    for (int i = 0; i < spec_.accumulators; ++i) {
      move(reg(i), ptr[rsi + i * spec_.bits / 8]);
    }
  }

  void compute(int i) {
    switch (spec_.kind) {
      case PeakKind::fma:
        return vfmadd231ps(reg(i), reg(x()), reg(y()));
      case PeakKind::dot:
        return vdpbf16ps(reg(i), reg(x()), reg(y()));
      case PeakKind::integer_dot:
        return vpdpbusd(
            reg(i), reg(x()), reg(y()),
            spec_.needs == CpuFeature::avx_vnni ? Xbyak::VexEncoding : Xbyak::EvexEncoding);
      case PeakKind::multiply_add:
        return vex() ? multiply_or_add_vex(i) : multiply_or_add_sse(i);
    }
  }

  void multiply_or_add_vex(int i) {
    multiplies(i) ? vmulps(reg(i), reg(i), reg(x())) : vaddps(reg(i), reg(i), reg(y()));
  }
  void multiply_or_add_sse(int i) {
    multiplies(i) ? mulps(reg(i), reg(x())) : addps(reg(i), reg(y()));
  }

  void finish() {
    if (vex()) {
      vzeroupper();
    }
    ret();
    setProtectModeRE();
  }

  const PeakSpec& spec_;
};

PeakCode::PeakCode(const PeakSpec& spec) : generator_(std::make_unique<Generator>(spec)) {}
PeakCode::~PeakCode() = default;
PeakCode::PeakCode(PeakCode&&) noexcept = default;
PeakCode& PeakCode::operator=(PeakCode&&) noexcept = default;

void PeakCode::run(std::int64_t passes, float* accumulators) const {
  assert(passes > 0);
  generator_->run(passes, accumulators);
}

std::vector<float> peak_start(const PeakSpec& spec) {
  std::vector<float> values;
  for (int i = 0; i < spec.accumulators; ++i) {
    values.insert(values.end(), static_cast<std::size_t>(spec.lanes()), static_cast<float>(i + 1));
  }
  return values;
}

double peak_result(const PeakSpec& spec, int accumulator, std::int64_t passes) {
  const std::int64_t times = passes * spec.unroll();
  const double start = accumulator + 1;
  const double product = static_cast<double>(fma_x) * fma_y;
  switch (spec.kind) {
    case PeakKind::dot:
      return start + static_cast<double>(times) * 2 * product;
    case PeakKind::integer_dot: {
      const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(start));
      return std::bit_cast<float>(bits + static_cast<std::uint32_t>(times * ones_dot));
    }
    case PeakKind::multiply_add:
      return multiplies(accumulator) ? start * (times % 2 == 0 ? 1 : multiplier)
                                     : start + static_cast<double>(times) * addend;
    case PeakKind::fma:
      break;
  }
  return start + static_cast<double>(times) * product;
}

}  // namespace flopmeter
