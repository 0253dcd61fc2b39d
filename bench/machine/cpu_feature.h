// Instruction sets that decide which peak loops can run.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace flopmeter {

/// Each includes what the loops of that set need besides: fma is 256 bits wide with AVX, avx2 has
/// FMA, _vl is up to 256 bits wide.
enum class CpuFeature {
  sse2,
  avx,
  fma,
  avx2,
  avx512f,
  avx512bw,
  avx512_fp16,
  avx512_bf16,
  avx512_bf16_vl,
  avx512_vnni,
  avx512_vnni_vl,
  avx_vnni,
  amx_bf16,
  amx_int8
};

/// Whether this CPU has it and the operating system saves its registers. Of AMX it asks the kernel
/// for permission.
bool cpu_has(CpuFeature feature);

/// As /proc/cpuinfo spells it: "avx512_fp16".
std::string_view to_string(CpuFeature feature);

/// "this CPU has no avx512_fp16", or that the kernel refuses it; empty: the CPU has it.
std::string why_not(CpuFeature feature, const std::function<bool(CpuFeature)>& has = cpu_has);

}  // namespace flopmeter
