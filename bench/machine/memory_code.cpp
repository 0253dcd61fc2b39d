#include "bench/machine/memory_code.h"

#include <xbyak/xbyak.h>

#include <array>
#include <cassert>

#include "bench/machine/cpu_feature.h"

namespace flopmeter {
namespace {

// Registers of each array in one turn, so that the loop's own instructions, at most nine, find room
// beside the loads and stores.
constexpr int unroll = 16;

}  // namespace

int widest_register_bits() {
  return cpu_has(CpuFeature::avx512f) ? 512 : cpu_has(CpuFeature::avx) ? 256 : 128;
}

/// void(memory in rdi, bytes of an array in rsi, offset in rdx, blocks in rcx, a register full of
/// `scale` in r8). The pages are writable first and executable afterwards, never both.
///
/// An array's end sends its pointer back by a conditional move: the exit of an inner loop would be
/// mispredicted once a pass, a tenth of the time of a set in the first level.
class MemoryCode::Generator : public Xbyak::CodeGenerator {
 public:
  Generator(MemoryOperation operation, int bits)
      : CodeGenerator(4096, Xbyak::DontSetProtectRWE), operation_(operation), bits_(bits) {
    prepare();
    Xbyak::Label loop;
    align(64);
    L(loop);
    for (int i = 0; i < unroll; ++i) {
      move(i);
    }
    advance();
    dec(rcx);
    jnz(loop, T_NEAR);
    finish();
  }

  int block_bytes() const { return unroll * bits_ / 8; }

 private:
  bool vex() const { return bits_ > 128; }
  bool fused() const { return bits_ == 512 || (bits_ == 256 && cpu_has(CpuFeature::fma)); }

  Xbyak::Xmm reg(int index) const {
    switch (bits_) {
      case 512:
        return Xbyak::Zmm(index);
      case 256:
        return Xbyak::Ymm(index);
      default:
        return Xbyak::Xmm(index);
    }
  }
  Xbyak::Xmm scale_register() const { return reg(15); }

  const Xbyak::Reg64& first(int array) const { return std::array{&rdi, &r9, &r10}.at(array)[0]; }
  const Xbyak::Reg64& here(int array) const { return std::array{&rax, &rdx, &r11}.at(array)[0]; }
  Xbyak::Address at(int array, int i) const { return ptr[here(array) + i * bits_ / 8]; }

  /// Also when there is one array only: the beginning of the second is the end of the first.
  void prepare() {
    load(scale_register(), ptr[r8]);
    lea(r9, ptr[rdi + rsi]);
    lea(r10, ptr[r9 + rsi]);
    lea(rax, ptr[rdi + rdx]);
    lea(r11, ptr[r10 + rdx]);
    add(rdx, r9);
  }

  void load(const Xbyak::Xmm& to, const Xbyak::Address& from) {
    vex() ? vmovaps(to, from) : movaps(to, from);
  }
  void store(const Xbyak::Address& to, const Xbyak::Xmm& from) {
    vex() ? vmovaps(to, from) : movaps(to, from);
  }

  void move(int i) {
    const Xbyak::Xmm value = reg(i % 8);
    switch (operation_) {
      case MemoryOperation::load:
        return load(value, at(0, i));
      case MemoryOperation::store:
        return store(at(0, i), scale_register());
      case MemoryOperation::nontemporal_store:
        return vex() ? vmovntps(at(0, i), scale_register()) : movntps(at(0, i), scale_register());
      case MemoryOperation::copy:
        load(value, at(1, i));
        return store(at(0, i), value);
      case MemoryOperation::triad:
        load(value, at(2, i));
        multiply_add(value, at(1, i));
        return store(at(0, i), value);
    }
  }

  /// value = value * scale + addend
  void multiply_add(const Xbyak::Xmm& value, const Xbyak::Address& addend) {
    if (fused()) {
      vfmadd213ps(value, scale_register(), addend);
    } else if (vex()) {
      vmulps(value, value, scale_register());
      vaddps(value, value, addend);
    } else {
      mulps(value, scale_register());
      addps(value, addend);
    }
  }

  void advance() {
    for (int array = 0; array < streams(operation_); ++array) {
      add(here(array), block_bytes());
    }
    cmp(here(0), first(1));
    for (int array = 0; array < streams(operation_); ++array) {
      cmove(here(array), first(array));
    }
  }

  void finish() {
    if (operation_ == MemoryOperation::nontemporal_store) {
      sfence();
    }
    if (vex()) {
      vzeroupper();
    }
    ret();
    setProtectModeRE();
  }

  MemoryOperation operation_;
  int bits_;
};

MemoryCode::MemoryCode(MemoryOperation operation, int bits)
    : generator_(std::make_unique<Generator>(operation, bits)) {}
MemoryCode::~MemoryCode() = default;
MemoryCode::MemoryCode(MemoryCode&&) noexcept = default;
MemoryCode& MemoryCode::operator=(MemoryCode&&) noexcept = default;

std::int64_t MemoryCode::block_bytes() const { return generator_->block_bytes(); }

void MemoryCode::run(std::byte* memory, std::int64_t array_bytes, std::int64_t offset,
                     std::int64_t blocks) const {
  assert(blocks > 0 && offset < array_bytes && array_bytes % block_bytes() == 0);
  alignas(64) std::array<float, 16> scales{};
  scales.fill(scale);
  generator_
      ->getCode<void (*)(std::byte*, std::int64_t, std::int64_t, std::int64_t, const float*)>()(
          memory, array_bytes, offset, blocks, scales.data());
}

std::span<const std::uint8_t> MemoryCode::bytes() const {
  return {generator_->getCode(), generator_->getSize()};
}

}  // namespace flopmeter
