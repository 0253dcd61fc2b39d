// Instruction sets that decide which peak loops can run.
#pragma once

namespace flopmeter {

/// Each includes what the loops of that set need besides: fma is 256 bits wide with AVX.
enum class CpuFeature {
  sse2,
  avx,
  fma,
  avx512f,
  avx512_bf16,
  avx512_bf16_vl,
  avx512_vnni,
  avx512_vnni_vl,
  avx_vnni
};

/// Whether this CPU has it and the operating system saves its registers.
bool cpu_has(CpuFeature feature);

}  // namespace flopmeter
