#include "bench/machine/cycle_code.h"

#include <xbyak/xbyak.h>

#include <cassert>

namespace flopmeter {

/// void(passes in rdi).
class CycleCode::Generator : public Xbyak::CodeGenerator {
 public:
  Generator() : CodeGenerator(4096, Xbyak::DontSetProtectRWE) {
    Xbyak::Label again;
    align(64);
    L(again);
    // Of two registers: some CPUs add small constants while renaming, in no time.
    for (int i = 0; i < cycles_per_pass; ++i) {
      add(rax, rdx);
    }
    dec(rdi);
    jnz(again, T_NEAR);
    ret();
    setProtectModeRE();
  }
};

CycleCode::CycleCode() : generator_(std::make_unique<Generator>()) {}
CycleCode::~CycleCode() = default;
CycleCode::CycleCode(CycleCode&&) noexcept = default;
CycleCode& CycleCode::operator=(CycleCode&&) noexcept = default;

void CycleCode::run(std::int64_t passes) const {
  assert(passes > 0);
  generator_->getCode<void (*)(std::int64_t)>()(passes);
}

}  // namespace flopmeter
