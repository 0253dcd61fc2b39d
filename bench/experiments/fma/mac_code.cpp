#include "bench/experiments/fma/mac_code.h"

#include <xbyak/xbyak.h>

#include <cassert>

namespace flopmeter {
namespace {

using Xbyak::Operand;
using Xbyak::Xmm;

using Plain = void (Xbyak::CodeGenerator::*)(const Xmm&, const Operand&, const Operand&);
using Fused = void (Xbyak::CodeGenerator::*)(const Xmm&, const Xmm&, const Operand&);

struct Operations {
  Plain multiply;
  Plain add;
  Fused fma231;  // a += b * c
  Fused fma213;  // a = b * a + c
};

using Code = Xbyak::CodeGenerator;
constexpr Operations packed_f32{&Code::vmulps, &Code::vaddps, &Code::vfmadd231ps,
                                &Code::vfmadd213ps};
constexpr Operations packed_f64{&Code::vmulpd, &Code::vaddpd, &Code::vfmadd231pd,
                                &Code::vfmadd213pd};
constexpr Operations scalar_f32{&Code::vmulss, &Code::vaddss, &Code::vfmadd231ss,
                                &Code::vfmadd213ss};
constexpr Operations scalar_f64{&Code::vmulsd, &Code::vaddsd, &Code::vfmadd231sd,
                                &Code::vfmadd213sd};

const Operations& operations(const MacLoop& loop) {
  if (loop.width->scalar) {
    return loop.real == Real::f32 ? scalar_f32 : scalar_f64;
  }
  return loop.real == Real::f32 ? packed_f32 : packed_f64;
}

// Registers 0 to 11 are accumulators.
constexpr int product = 13;
constexpr int factor_x = 14;
constexpr int factor_y = 15;

}  // namespace

/// void(passes in rdi, a MacState in rsi). The pages are writable first and executable afterwards,
/// never both.
class MacCode::Generator : public Xbyak::CodeGenerator {
 public:
  explicit Generator(const MacLoop& loop)
      : CodeGenerator(4096, Xbyak::DontSetProtectRWE), loop_(loop), do_(operations(loop)) {
    vmovups(reg(factor_x), in_memory(0));
    vmovups(reg(factor_y), in_memory(1));
    for (int i = 0; i < loop_.accumulators(); ++i) {
      vmovups(reg(i), in_memory(2 + i));
    }
    loop_body();
    for (int i = 0; i < loop_.accumulators(); ++i) {
      vmovups(in_memory(2 + i), reg(i));
    }
    vzeroupper();
    ret();
    setProtectModeRE();
  }

  void run(std::int64_t passes, std::byte* registers) const {
    getCode<void (*)(std::int64_t, std::byte*)>()(passes, registers);
  }

 private:
  Xmm reg(int index) const {
    switch (loop_.width->bits) {
      case 512:
        return Xbyak::Zmm(index);
      case 256:
        return Xbyak::Ymm(index);
      default:
        return Xmm(index);
    }
  }
  Xbyak::Address in_memory(int index) const { return ptr[rsi + index * loop_.width->bits / 8]; }

  void loop_body() {
    Xbyak::Label again;
    align(64);
    L(again);
    for (int i = 0; i < MacLoop::steps; ++i) {
      step(reg(i % loop_.accumulators()));
    }
    dec(rdi);
    jnz(again, T_NEAR);
  }

  void step(const Xmm& a) {
    switch (loop_.form) {
      case Form::multiply:
        return (this->*do_.multiply)(a, a, reg(factor_x));
      case Form::add:
        return (this->*do_.add)(a, a, reg(factor_y));
      case Form::separate:
        return loop_.mix == Mix::horner ? horner(a) : sum(a);
      case Form::fused: {
        const Fused fused = loop_.mix == Mix::horner ? do_.fma213 : do_.fma231;
        return (this->*fused)(a, reg(factor_x), reg(factor_y));
      }
    }
  }

  void sum(const Xmm& a) {
    (this->*do_.multiply)(reg(product), reg(factor_x), reg(factor_y));
    (this->*do_.add)(a, a, reg(product));
  }
  void horner(const Xmm& a) {
    (this->*do_.multiply)(reg(product), a, reg(factor_x));
    (this->*do_.add)(a, reg(product), reg(factor_y));
  }

  MacLoop loop_;
  const Operations& do_;
};

MacCode::MacCode(const MacLoop& loop) : generator_(std::make_unique<Generator>(loop)) {}
MacCode::~MacCode() = default;
MacCode::MacCode(MacCode&&) noexcept = default;
MacCode& MacCode::operator=(MacCode&&) noexcept = default;

void MacCode::run(std::int64_t passes, MacState& state) const {
  assert(passes > 0);
  generator_->run(passes, state.data());
}

}  // namespace flopmeter
