#include "bench/machine/peak_spec.h"

#include <array>
#include <cassert>

namespace flopmeter {
namespace {

// 512 bits: 24 of 32 registers; else 14 of 16, two hold the factors. The longest chain is FMA's on
// Haswell, 2 ports x 5 cycles; vdpbf16ps has 6 cycles (uops.info).
constexpr std::array<PeakSpec, 10> specs{{
    {"f32 FMA 512", Dtype::f32, CpuFeature::avx512f, 512, PeakKind::fma, "vfmadd231ps zmm", 32, 24},
    {"f32 FMA 256", Dtype::f32, CpuFeature::fma, 256, PeakKind::fma, "vfmadd231ps ymm", 16, 14},
    {"f32 FMA 128", Dtype::f32, CpuFeature::fma, 128, PeakKind::fma, "vfmadd231ps xmm", 8, 14},
    {"f32 multiply, add 256", Dtype::f32, CpuFeature::avx, 256, PeakKind::multiply_add,
     "vmulps ymm, vaddps ymm", 8, 14},
    {"f32 multiply, add 128", Dtype::f32, CpuFeature::sse2, 128, PeakKind::multiply_add,
     "mulps xmm, addps xmm", 4, 14},
    {"bf16 dot 512", Dtype::bf16, CpuFeature::avx512_bf16, 512, PeakKind::dot, "vdpbf16ps zmm", 64,
     24},
    {"bf16 dot 256", Dtype::bf16, CpuFeature::avx512_bf16_vl, 256, PeakKind::dot, "vdpbf16ps ymm",
     32, 14},
    {"s8 dot 512", Dtype::s8, CpuFeature::avx512_vnni, 512, PeakKind::integer_dot, "vpdpbusd zmm",
     128, 24},
    {"s8 dot 256", Dtype::s8, CpuFeature::avx512_vnni_vl, 256, PeakKind::integer_dot,
     "vpdpbusd ymm", 64, 14},
    {"s8 dot 256 VEX", Dtype::s8, CpuFeature::avx_vnni, 256, PeakKind::integer_dot, "vpdpbusd ymm",
     64, 14},
}};

}  // namespace

std::span<const PeakSpec> peak_specs() { return specs; }

const PeakSpec& peak_spec(Dtype dtype, const std::function<bool(CpuFeature)>& has) {
  for (const PeakSpec& spec : specs) {
    if (spec.dtype == dtype && has(spec.needs)) {
      return spec;
    }
  }
  assert(dtype != Dtype::f32 && "x86-64 has SSE2");
  return peak_spec(Dtype::f32, has);
}

}  // namespace flopmeter
