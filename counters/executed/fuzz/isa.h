// Which instruction sets this CPU has, so that what is generated can run.
#pragma once

#include <cstdint>

namespace flopmeter::executed::fuzz {

enum class Isa : std::uint8_t {
  base,  // x86-64-v2
  movbe,
  adx,
  bmi,  // BMI1, BMI2 and lzcnt
  f16c,
  avx,
  avx2,
  fma,
  avx_vnni,
  avx512,  // F, BW, DQ, VL and CD
  vbmi2,
  avx512_vnni,
  avx512_bf16,
  avx512_fp16,
  amx,  // of BF16 and int8
};

/// Whether this CPU has it, and the operating system saves its registers.
bool has(Isa isa);

}  // namespace flopmeter::executed::fuzz
