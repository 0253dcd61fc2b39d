#include "bench/machine/cpu_feature.h"

#include <xbyak/xbyak_util.h>

namespace flopmeter {

bool cpu_has(CpuFeature feature) {
  using Xbyak::util::Cpu;
  static const Cpu cpu;
  switch (feature) {
    case CpuFeature::sse2:
      return cpu.has(Cpu::tSSE2);
    case CpuFeature::avx:
      return cpu.has(Cpu::tAVX);
    case CpuFeature::fma:
      return cpu.has(Cpu::tAVX) && cpu.has(Cpu::tFMA);
    case CpuFeature::avx512f:
      return cpu.has(Cpu::tAVX512F);
    case CpuFeature::avx512_bf16:
      return cpu.has(Cpu::tAVX512_BF16);
    case CpuFeature::avx512_bf16_vl:
      return cpu.has(Cpu::tAVX512_BF16) && cpu.has(Cpu::tAVX512VL);
    case CpuFeature::avx512_vnni:
      return cpu.has(Cpu::tAVX512_VNNI);
    case CpuFeature::avx512_vnni_vl:
      return cpu.has(Cpu::tAVX512_VNNI) && cpu.has(Cpu::tAVX512VL);
    case CpuFeature::avx_vnni:
      return cpu.has(Cpu::tAVX_VNNI);
  }
  return false;
}

}  // namespace flopmeter
