// Instructions as GNU as 2.40 assembled them, and what each computes.
#include "counters/executed/arithmetic/arithmetic.h"

#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "counters/executed/arithmetic/names.h"

namespace flopmeter::executed {
namespace {

struct Form {
  std::string_view bytes;
  std::string_view assembly;
  std::string_view expected;  // each arithmetic and its mask
};

constexpr auto forms = std::to_array<Form>({
    // SSE to SSE4.1.
    {"0f 58 c1", "addps xmm0, xmm1", "add f32 x4"},
    {"66 0f 58 00", "addpd xmm0, [rax]", "add f64 x2"},
    {"f3 0f 58 c1", "addss xmm0, xmm1", "add f32 x1"},
    {"f2 44 0f 58 4c c8 40", "addsd xmm9, [rax+rcx*8+64]", "add f64 x1"},
    {"0f 5c c1", "subps xmm0, xmm1", "add f32 x4"},
    {"f2 0f 5c c1", "subsd xmm0, xmm1", "add f64 x1"},
    {"f2 0f d0 c1", "addsubps xmm0, xmm1", "add f32 x4"},
    {"66 0f d0 c1", "addsubpd xmm0, xmm1", "add f64 x2"},
    {"f2 0f 7c c1", "haddps xmm0, xmm1", "add f32 x4"},
    {"66 0f 7c c1", "haddpd xmm0, xmm1", "add f64 x2"},
    {"f2 0f 7d c1", "hsubps xmm0, xmm1", "add f32 x4"},
    {"0f 59 c1", "mulps xmm0, xmm1", "multiply f32 x4"},
    {"66 0f 59 c1", "mulpd xmm0, xmm1", "multiply f64 x2"},
    {"f3 0f 59 c1", "mulss xmm0, xmm1", "multiply f32 x1"},
    {"f2 0f 59 c1", "mulsd xmm0, xmm1", "multiply f64 x1"},
    {"0f 5e c1", "divps xmm0, xmm1", "divide f32 x4"},
    {"66 0f 5e c1", "divpd xmm0, xmm1", "divide f64 x2"},
    {"f3 0f 5e c1", "divss xmm0, xmm1", "divide f32 x1"},
    {"f2 0f 5e c1", "divsd xmm0, xmm1", "divide f64 x1"},
    {"0f 51 c1", "sqrtps xmm0, xmm1", "square_root f32 x4"},
    {"66 0f 51 c1", "sqrtpd xmm0, xmm1", "square_root f64 x2"},
    {"f3 0f 51 c1", "sqrtss xmm0, xmm1", "square_root f32 x1"},
    {"f2 0f 51 c1", "sqrtsd xmm0, xmm1", "square_root f64 x1"},
    {"0f 5d c1", "minps xmm0, xmm1", "min_max f32 x4"},
    {"66 0f 5f c1", "maxpd xmm0, xmm1", "min_max f64 x2"},
    {"f3 0f 5f c1", "maxss xmm0, xmm1", "min_max f32 x1"},
    {"f2 0f 5d c1", "minsd xmm0, xmm1", "min_max f64 x1"},
    {"0f c2 c1 01", "cmpps xmm0, xmm1, 1", "compare f32 x4"},
    {"66 0f c2 c1 01", "cmppd xmm0, xmm1, 1", "compare f64 x2"},
    {"f3 0f c2 c1 01", "cmpss xmm0, xmm1, 1", "compare f32 x1"},
    {"f2 0f c2 c1 01", "cmpsd xmm0, xmm1, 1", "compare f64 x1"},
    {"0f 2f c1", "comiss xmm0, xmm1", "compare f32 x1"},
    {"66 0f 2f c1", "comisd xmm0, xmm1", "compare f64 x1"},
    {"0f 2e c1", "ucomiss xmm0, xmm1", "compare f32 x1"},
    {"66 0f 2e 00", "ucomisd xmm0, [rax]", "compare f64 x1"},
    {"0f 53 c1", "rcpps xmm0, xmm1", "approximate f32 x4"},
    {"f3 0f 53 c1", "rcpss xmm0, xmm1", "approximate f32 x1"},
    {"0f 52 c1", "rsqrtps xmm0, xmm1", "approximate f32 x4"},
    {"f3 0f 52 c1", "rsqrtss xmm0, xmm1", "approximate f32 x1"},
    {"66 0f 3a 08 c1 00", "roundps xmm0, xmm1, 0", "round f32 x4"},
    {"66 0f 3a 09 c1 00", "roundpd xmm0, xmm1, 0", "round f64 x2"},
    {"66 0f 3a 0a c1 00", "roundss xmm0, xmm1, 0", "round f32 x1"},
    {"66 0f 3a 0b c1 00", "roundsd xmm0, xmm1, 0", "round f64 x1"},
    {"66 0f 3a 40 c1 ff", "dpps xmm0, xmm1, 255", "dot f32 x1 of 4"},
    {"66 0f 3a 41 c1 ff", "dppd xmm0, xmm1, 255", "dot f64 x1 of 2"},
    {"66 0f 38 04 c1", "pmaddubsw xmm0, xmm1", "dot i8 x8 of 2"},
    {"0f 38 04 c1", "pmaddubsw mm0, mm1", "dot i8 x4 of 2"},
    {"66 0f f5 c1", "pmaddwd xmm0, xmm1", "other i16 x4"},
    {"66 0f d5 c1", "pmullw xmm0, xmm1", "multiply i16 x8"},
    {"0f d5 c1", "pmullw mm0, mm1", "multiply i16 x4"},
    {"66 0f e5 c1", "pmulhw xmm0, xmm1", "multiply i16 x8"},
    {"66 0f e4 c1", "pmulhuw xmm0, xmm1", "multiply i16 x8"},
    {"66 0f 38 0b c1", "pmulhrsw xmm0, xmm1", "multiply i16 x8"},
    {"66 0f 38 40 c1", "pmulld xmm0, xmm1", "multiply i32 x4"},
    {"66 0f f4 c1", "pmuludq xmm0, xmm1", "multiply i32 x2"},
    {"66 0f 38 28 00", "pmuldq xmm0, [rax]", "multiply i32 x2"},
    // Conversions: the source is the element, the wider of source and result decides the lanes.
    {"0f 5b c1", "cvtdq2ps xmm0, xmm1", "convert i32 x4"},
    {"f3 0f e6 c1", "cvtdq2pd xmm0, xmm1", "convert i32 x2"},
    {"f3 0f e6 00", "cvtdq2pd xmm0, [rax]", "convert i32 x2"},
    {"66 0f 5b c1", "cvtps2dq xmm0, xmm1", "convert f32 x4"},
    {"f3 0f 5b c1", "cvttps2dq xmm0, xmm1", "convert f32 x4"},
    {"0f 5a c1", "cvtps2pd xmm0, xmm1", "convert f32 x2"},
    {"66 0f 5a c1", "cvtpd2ps xmm0, xmm1", "convert f64 x2"},
    {"66 0f e6 00", "cvttpd2dq xmm0, [rax]", "convert f64 x2"},
    {"0f 2a c1", "cvtpi2ps xmm0, mm1", "convert i32 x2"},
    {"66 0f 2a c1", "cvtpi2pd xmm0, mm1", "convert i32 x2"},
    {"0f 2d c1", "cvtps2pi mm0, xmm1", "convert f32 x2"},
    {"66 0f 2c c1", "cvttpd2pi mm0, xmm1", "convert f64 x2"},
    {"f3 0f 5a c1", "cvtss2sd xmm0, xmm1", "convert f32 x1"},
    {"f2 0f 5a c1", "cvtsd2ss xmm0, xmm1", "convert f64 x1"},
    {"f3 0f 2a c0", "cvtsi2ss xmm0, eax", "convert i32 x1"},
    {"f3 48 0f 2a c0", "cvtsi2ss xmm0, rax", "convert i64 x1"},
    {"f2 0f 2a 00", "cvtsi2sd xmm0, dword ptr [rax]", "convert i32 x1"},
    {"f2 48 0f 2a 00", "cvtsi2sd xmm0, qword ptr [rax]", "convert i64 x1"},
    {"f3 0f 2d c0", "cvtss2si eax, xmm0", "convert f32 x1"},
    {"f3 48 0f 2c c0", "cvttss2si rax, xmm0", "convert f32 x1"},
    {"f2 0f 2c c0", "cvttsd2si eax, xmm0", "convert f64 x1"},
    {"c4 e1 f3 2a c0", "vcvtsi2sd xmm0, xmm1, rax", "convert i64 x1"},
    {"c5 f2 2a 00", "vcvtsi2ss xmm0, xmm1, dword ptr [rax]", "convert i32 x1"},
    {"62 f1 76 08 7b c0", "vcvtusi2ss xmm0, xmm1, eax", "convert i32 x1"},
    {"62 f1 f7 08 7b c0", "vcvtusi2sd xmm0, xmm1, rax", "convert i64 x1"},
    {"62 f5 f6 08 2a c0", "vcvtsi2sh xmm0, xmm1, rax", "convert i64 x1"},
    {"62 f1 fe 08 78 c0", "vcvttss2usi rax, xmm0", "convert f32 x1"},
    {"62 f5 fe 08 2d c0", "vcvtsh2si rax, xmm0", "convert f16 x1"},
    {"62 f6 74 08 13 c2", "vcvtsh2ss xmm0, xmm1, xmm2", "convert f16 x1"},
    {"62 f5 f7 08 5a c2", "vcvtsd2sh xmm0, xmm1, xmm2", "convert f64 x1"},
    {"c5 fc 5b c1", "vcvtdq2ps ymm0, ymm1", "convert i32 x8"},
    {"c5 fe e6 c1", "vcvtdq2pd ymm0, xmm1", "convert i32 x4"},
    {"62 f1 7e 48 e6 c1", "vcvtdq2pd zmm0, ymm1", "convert i32 x8"},
    {"c5 fd 5a c1", "vcvtpd2ps xmm0, ymm1", "convert f64 x4"},
    {"62 f1 fd 48 5a c1", "vcvtpd2ps ymm0, zmm1", "convert f64 x8"},
    {"c5 f9 5a 00", "vcvtpd2ps xmm0, xmmword ptr [rax]", "convert f64 x2"},
    {"62 f1 7c 48 5a c1", "vcvtps2pd zmm0, ymm1", "convert f32 x8"},
    {"62 f1 7e cb 5b c1", "vcvttps2dq zmm0{k3}{z}, zmm1", "convert f32 x16 k3"},
    {"62 f1 7c 78 79 c1", "vcvtps2udq zmm0, zmm1{rz-sae}", "convert f32 x16"},
    {"62 f1 7f 58 7a 00", "vcvtudq2ps zmm0, dword ptr [rax]{1to16}", "convert i32 x16"},
    {"62 f1 fc 48 5b c1", "vcvtqq2ps ymm0, zmm1", "convert i64 x8"},
    {"62 f1 fe 08 7a c1", "vcvtuqq2pd xmm0, xmm1", "convert i64 x2"},
    {"62 f1 fd 29 7a c1", "vcvttpd2qq ymm0{k1}, ymm1", "convert f64 x4 k1"},
    {"62 f1 7d 48 7b c1", "vcvtps2qq zmm0, ymm1", "convert f32 x8"},
    {"c4 e2 7d 13 c1", "vcvtph2ps ymm0, xmm1", "convert f16 x8"},
    {"c4 e2 79 13 00", "vcvtph2ps xmm0, qword ptr [rax]", "convert f16 x4"},
    {"62 f2 7d 4a 13 c1", "vcvtph2ps zmm0{k2}, ymm1", "convert f16 x16 k2"},
    {"c4 e3 7d 1d c8 00", "vcvtps2ph xmm0, ymm1, 0", "convert f32 x8"},
    {"c4 e3 79 1d 08 00", "vcvtps2ph qword ptr [rax], xmm1, 0", "convert f32 x4"},
    {"62 f3 7d 4d 1d 08 00", "vcvtps2ph ymmword ptr [rax]{k5}, zmm1, 0", "convert f32 x16 k5"},
    {"62 f5 7d 48 1d c1", "vcvtps2phx ymm0, zmm1", "convert f32 x16"},
    {"62 f6 7d 48 13 c1", "vcvtph2psx zmm0, ymm1", "convert f16 x16"},
    {"62 f5 7c 48 5a c1", "vcvtph2pd zmm0, xmm1", "convert f16 x8"},
    {"62 f5 7d 48 7d c1", "vcvtph2w zmm0, zmm1", "convert f16 x32"},
    {"62 f5 7e 48 7d c1", "vcvtw2ph zmm0, zmm1", "convert i16 x32"},
    {"62 f5 7c 48 5b c1", "vcvtdq2ph ymm0, zmm1", "convert i32 x16"},
    {"62 f5 fd 48 5a c1", "vcvtpd2ph xmm0, zmm1", "convert f64 x8"},
    {"62 f2 7e 48 72 c1", "vcvtneps2bf16 ymm0, zmm1", "convert f32 x16"},
    {"62 f2 77 48 72 c2", "vcvtne2ps2bf16 zmm0, zmm1, zmm2", "convert f32 x32"},
    {"62 f2 77 09 72 c2", "vcvtne2ps2bf16 xmm0{k1}, xmm1, xmm2", "convert f32 x8 k1"},
    // AVX, FMA3, FMA4.
    {"c5 f4 58 c2", "vaddps ymm0, ymm1, ymm2", "add f32 x8"},
    {"c5 f0 58 00", "vaddps xmm0, xmm1, [rax]", "add f32 x4"},
    {"c5 f5 5c c2", "vsubpd ymm0, ymm1, ymm2", "add f64 x4"},
    {"c5 f2 58 c2", "vaddss xmm0, xmm1, xmm2", "add f32 x1"},
    {"c5 f7 7c c2", "vhaddps ymm0, ymm1, ymm2", "add f32 x8"},
    {"c5 f5 7d c2", "vhsubpd ymm0, ymm1, ymm2", "add f64 x4"},
    {"c4 41 74 59 c4", "vmulps ymm8, ymm1, ymm12", "multiply f32 x8"},
    {"c5 f5 5e c2", "vdivpd ymm0, ymm1, ymm2", "divide f64 x4"},
    {"c5 fc 51 c1", "vsqrtps ymm0, ymm1", "square_root f32 x8"},
    {"c5 f3 51 c2", "vsqrtsd xmm0, xmm1, xmm2", "square_root f64 x1"},
    {"c5 f4 5f c2", "vmaxps ymm0, ymm1, ymm2", "min_max f32 x8"},
    {"c5 f4 c2 c2 01", "vcmpps ymm0, ymm1, ymm2, 1", "compare f32 x8"},
    {"c5 f3 c2 c2 01", "vcmpsd xmm0, xmm1, xmm2, 1", "compare f64 x1"},
    {"c4 e3 7d 08 c1 00", "vroundps ymm0, ymm1, 0", "round f32 x8"},
    {"c5 fc 53 c1", "vrcpps ymm0, ymm1", "approximate f32 x8"},
    {"c4 e3 75 40 c2 ff", "vdpps ymm0, ymm1, ymm2, 255", "dot f32 x2 of 4"},
    {"c4 e3 71 41 c2 ff", "vdppd xmm0, xmm1, xmm2, 255", "dot f64 x1 of 2"},
    {"c4 e2 75 04 c2", "vpmaddubsw ymm0, ymm1, ymm2", "dot i8 x16 of 2"},
    {"c5 f5 f5 c2", "vpmaddwd ymm0, ymm1, ymm2", "other i16 x8"},
    {"c4 e2 75 40 c2", "vpmulld ymm0, ymm1, ymm2", "multiply i32 x8"},
    {"c5 f5 f4 c2", "vpmuludq ymm0, ymm1, ymm2", "multiply i32 x4"},
    {"c4 e2 75 b8 c2", "vfmadd231ps ymm0, ymm1, ymm2", "fma f32 x8"},
    {"c4 e2 71 99 c2", "vfmadd132ss xmm0, xmm1, xmm2", "fma f32 x1"},
    {"c4 e2 f1 a8 00", "vfmadd213pd xmm0, xmm1, [rax]", "fma f64 x2"},
    {"c4 e2 f1 bb c2", "vfmsub231sd xmm0, xmm1, xmm2", "fma f64 x1"},
    {"c4 e2 75 bc c2", "vfnmadd231ps ymm0, ymm1, ymm2", "fma f32 x8"},
    {"c4 e2 71 af c2", "vfnmsub213ss xmm0, xmm1, xmm2", "fma f32 x1"},
    {"c4 e2 75 a6 c2", "vfmaddsub213ps ymm0, ymm1, ymm2", "fma f32 x8"},
    {"c4 e2 f5 97 c2", "vfmsubadd132pd ymm0, ymm1, ymm2", "fma f64 x4"},
    {"c4 e3 f5 68 c3 20", "vfmaddps ymm0, ymm1, ymm2, ymm3", "fma f32 x8"},
    {"c4 e3 f1 7f 00 20", "vfnmsubsd xmm0, xmm1, xmm2, [rax]", "fma f64 x1"},
    {"c4 e2 75 50 c2", "vpdpbusd ymm0, ymm1, ymm2", "dot i8 x8 of 4"},
    {"c4 e2 71 53 c2", "vpdpwssds xmm0, xmm1, xmm2", "dot i16 x4 of 2"},
    // AVX-512: masks, broadcasts and rounding.
    {"62 f1 74 48 58 c2", "vaddps zmm0, zmm1, zmm2", "add f32 x16"},
    {"62 f1 74 49 58 c2", "vaddps zmm0{k1}, zmm1, zmm2", "add f32 x16 k1"},
    {"62 f1 74 cf 58 c2", "vaddps zmm0{k7}{z}, zmm1, zmm2", "add f32 x16 k7"},
    {"62 f1 74 58 58 00", "vaddps zmm0, zmm1, dword ptr [rax]{1to16}", "add f32 x16"},
    {"62 f1 74 18 58 c2", "vaddps zmm0, zmm1, zmm2, {rn-sae}", "add f32 x16"},
    {"62 f1 f5 78 58 c2", "vaddpd zmm0, zmm1, zmm2, {rz-sae}", "add f64 x8"},
    {"62 e1 74 28 58 c2", "vaddps ymm16, ymm1, ymm2", "add f32 x8"},
    {"62 f1 76 0b 58 c2", "vaddss xmm0{k3}, xmm1, xmm2", "add f32 x1 k3"},
    {"62 f1 76 58 58 c2", "vaddss xmm0, xmm1, xmm2, {ru-sae}", "add f32 x1"},
    {"62 f1 74 1a 5c 00", "vsubps xmm0{k2}, xmm1, dword ptr [rax]{1to4}", "add f32 x4 k2"},
    {"62 f1 f5 5c 59 00", "vmulpd zmm0{k4}, zmm1, qword ptr [rax]{1to8}", "multiply f64 x8 k4"},
    {"62 01 0c 40 5e fd", "vdivps zmm31, zmm30, zmm29", "divide f32 x16"},
    {"62 f1 fd 38 51 c1", "vsqrtpd zmm0, zmm1, {rd-sae}", "square_root f64 x8"},
    {"62 f1 74 18 5d c2", "vminps zmm0, zmm1, zmm2, {sae}", "min_max f32 x16"},
    {"62 f3 75 48 50 c2 00", "vrangeps zmm0, zmm1, zmm2, 0", "min_max f32 x16"},
    {"62 f3 f5 08 51 c2 00", "vrangesd xmm0, xmm1, xmm2, 0", "min_max f64 x1"},
    {"62 f1 74 48 c2 ca 01", "vcmpps k1, zmm1, zmm2, 1", "compare f32 x16"},
    {"62 f1 74 4a c2 ca 01", "vcmpps k1{k2}, zmm1, zmm2, 1", "compare f32 x16 k2"},
    {"62 f1 f5 2e c2 ca 01", "vcmppd k1{k6}, ymm1, ymm2, 1", "compare f64 x4 k6"},
    {"62 f3 74 4a c2 ca 01", "vcmpph k1{k2}, zmm1, zmm2, 1", "compare f16 x32 k2"},
    {"62 f1 f7 0a c2 ca 01", "vcmpsd k1{k2}, xmm1, xmm2, 1", "compare f64 x1 k2"},
    {"62 f5 7c 08 2e c1", "vucomish xmm0, xmm1", "compare f16 x1"},
    {"62 f2 75 49 b8 c2", "vfmadd231ps zmm0{k1}, zmm1, zmm2", "fma f32 x16 k1"},
    {"62 f2 75 58 b8 00", "vfmadd231ps zmm0, zmm1, dword ptr [rax]{1to16}", "fma f32 x16"},
    {"62 f2 f5 18 a8 c2", "vfmadd213pd zmm0, zmm1, zmm2, {rn-sae}", "fma f64 x8"},
    {"62 f2 75 09 b9 c2", "vfmadd231ss xmm0{k1}, xmm1, xmm2", "fma f32 x1 k1"},
    {"62 f6 75 48 9c c2", "vfnmadd132ph zmm0, zmm1, zmm2", "fma f16 x32"},
    {"62 f6 75 19 b8 00", "vfmadd231ph xmm0{k1}, xmm1, word ptr [rax]{1to8}", "fma f16 x8 k1"},
    {"62 f6 75 08 b9 c2", "vfmadd231sh xmm0, xmm1, xmm2", "fma f16 x1"},
    {"62 f6 75 28 b6 c2", "vfmaddsub231ph ymm0, ymm1, ymm2", "fma f16 x16"},
    {"62 f2 7d 48 4c c1", "vrcp14ps zmm0, zmm1", "approximate f32 x16"},
    {"62 f2 fd 49 4e c1", "vrsqrt14pd zmm0{k1}, zmm1", "approximate f64 x8 k1"},
    {"62 f2 75 08 4f c2", "vrsqrt14ss xmm0, xmm1, xmm2", "approximate f32 x1"},
    {"62 f2 7d 48 ca c1", "vrcp28ps zmm0, zmm1", "approximate f32 x16"},
    {"62 f6 7d 48 4c c1", "vrcpph zmm0, zmm1", "approximate f16 x32"},
    {"62 f6 75 08 4f c2", "vrsqrtsh xmm0, xmm1, xmm2", "approximate f16 x1"},
    {"62 f3 7d 48 08 c1 00", "vrndscaleps zmm0, zmm1, 0", "round f32 x16"},
    {"62 f3 f5 08 0b c2 00", "vrndscalesd xmm0, xmm1, xmm2, 0", "round f64 x1"},
    {"62 f3 7c 48 08 c1 00", "vrndscaleph zmm0, zmm1, 0", "round f16 x32"},
    {"62 f3 7d 48 56 c1 00", "vreduceps zmm0, zmm1, 0", "other f32 x16"},
    {"62 f2 75 48 2c c2", "vscalefps zmm0, zmm1, zmm2", "other f32 x16"},
    {"62 f2 fd 48 42 c1", "vgetexppd zmm0, zmm1", "other f64 x8"},
    {"62 f3 75 08 27 c2 00", "vgetmantss xmm0, xmm1, xmm2, 0", "other f32 x1"},
    {"62 f3 f5 48 54 c2 00", "vfixupimmpd zmm0, zmm1, zmm2, 0", "other f64 x8"},
    {"62 f3 7d 4b 66 c9 08", "vfpclassps k1{k3}, zmm1, 8", "other f32 x16 k3"},
    {"62 f5 74 48 58 c2", "vaddph zmm0, zmm1, zmm2", "add f16 x32"},
    {"62 f5 76 08 59 c2", "vmulsh xmm0, xmm1, xmm2", "multiply f16 x1"},
    {"62 f5 74 08 5e c2", "vdivph xmm0, xmm1, xmm2", "divide f16 x8"},
    {"62 f5 7c 28 51 c1", "vsqrtph ymm0, ymm1", "square_root f16 x16"},
    {"62 f5 74 48 5f c2", "vmaxph zmm0, zmm1, zmm2", "min_max f16 x32"},
    {"62 f2 75 48 50 c2", "vpdpbusd zmm0, zmm1, zmm2", "dot i8 x16 of 4"},
    {"62 f2 75 59 51 00", "vpdpbusds zmm0{k1}, zmm1, dword ptr [rax]{1to16}", "dot i8 x16 of 4 k1"},
    {"62 e2 75 28 52 c2", "vpdpwssd ymm16, ymm1, ymm2", "dot i16 x8 of 2"},
    {"62 f2 76 48 52 c2", "vdpbf16ps zmm0, zmm1, zmm2", "dot bf16 x16 of 2"},
    {"62 f2 76 0a 52 c2", "vdpbf16ps xmm0{k2}, xmm1, xmm2", "dot bf16 x4 of 2 k2"},
    {"62 f2 75 48 04 c2", "vpmaddubsw zmm0, zmm1, zmm2", "dot i8 x32 of 2"},
    {"62 f2 75 48 40 c2", "vpmulld zmm0, zmm1, zmm2", "multiply i32 x16"},
    {"62 f1 75 49 d5 c2", "vpmullw zmm0{k1}, zmm1, zmm2", "multiply i16 x32 k1"},
    {"62 f2 f5 48 40 c2", "vpmullq zmm0, zmm1, zmm2", "multiply i64 x8"},
    {"62 f2 f5 48 b4 c2", "vpmadd52luq zmm0, zmm1, zmm2", "multiply i64 x8"},
    {"62 f2 5f 48 9a 00", "v4fmaddps zmm0, zmm4, [rax]", "fma f32 x16 of 4"},
    {"62 f2 5f 48 52 00", "vp4dpwssd zmm0, zmm4, [rax]", "dot i16 x16 of 4, dot i16 x16 of 4"},
    {"62 f6 76 48 d6 c2", "vfmulcph zmm0, zmm1, zmm2", "multiply f16 x16 of 4, add f16 x16 of 2"},
    {"62 f6 77 08 d7 c2", "vfcmulcsh xmm0, xmm1, xmm2", "multiply f16 x1 of 4, add f16 x1 of 2"},
    {"62 f6 76 49 56 c2", "vfmaddcph zmm0{k1}, zmm1, zmm2",
     "multiply f16 x16 of 4 k1, add f16 x16 of 4 k1"},
    {"62 f6 77 08 56 c2", "vfcmaddcph xmm0, xmm1, xmm2", "multiply f16 x4 of 4, add f16 x4 of 4"},
    // AMX.
    {"c4 e2 62 5c ca", "tdpbf16ps tmm1, tmm2, tmm3", "dot bf16 tile of 2"},
    {"c4 e2 63 5e ca", "tdpbssd tmm1, tmm2, tmm3", "dot i8 tile of 4"},
    {"c4 e2 61 5e ca", "tdpbusd tmm1, tmm2, tmm3", "dot i8 tile of 4"},
    {"c4 e2 60 5e ca", "tdpbuud tmm1, tmm2, tmm3", "dot i8 tile of 4"},
    // x87.
    {"d8 c1", "fadd st, st(1)", "add f80 x1"},
    {"d8 00", "fadd dword ptr [rax]", "add f80 x1"},
    {"de c1", "faddp st(1), st", "add f80 x1"},
    {"dc 28", "fsubr qword ptr [rax]", "add f80 x1"},
    {"da 00", "fiadd dword ptr [rax]", "add f80 x1"},
    {"dc 08", "fmul qword ptr [rax]", "multiply f80 x1"},
    {"de c9", "fmulp st(1), st", "multiply f80 x1"},
    {"de 08", "fimul word ptr [rax]", "multiply f80 x1"},
    {"de f1", "fdivrp st(1), st", "divide f80 x1"},
    {"da 30", "fidiv dword ptr [rax]", "divide f80 x1"},
    {"d9 fa", "fsqrt", "square_root f80 x1"},
    {"d8 d1", "fcom st(1)", "compare f80 x1"},
    {"df f1", "fcomip st, st(1)", "compare f80 x1"},
    {"da e9", "fucompp", "compare f80 x1"},
    {"d9 e4", "ftst", "compare f80 x1"},
    {"d9 fc", "frndint", "round f80 x1"},
    {"db 00", "fild dword ptr [rax]", "convert i32 x1"},
    {"df 28", "fild qword ptr [rax]", "convert i64 x1"},
    {"db 18", "fistp dword ptr [rax]", "convert f80 x1"},
    {"d9 f1", "fyl2x", "other f80 x1"},
    // Nothing.
    {"a7", "cmpsd", ""},
    {"f2 0f 10 c1", "movsd xmm0, xmm1", ""},
    {"a5", "movsd", ""},
    {"48 01 c8", "add rax, rcx", ""},
    {"48 0f af c1", "imul rax, rcx", ""},
    {"c4 e2 f3 f6 c2", "mulx rax, rcx, rdx", ""},
    {"66 0f fe c1", "paddd xmm0, xmm1", ""},
    {"62 f1 75 49 fe c2", "vpaddd zmm0{k1}, zmm1, zmm2", ""},
    {"66 0f 38 3d c1", "pmaxsd xmm0, xmm1", ""},
    {"66 0f 76 c1", "pcmpeqd xmm0, xmm1", ""},
    {"62 f3 75 48 1f ca 01", "vpcmpd k1, zmm1, zmm2, 1", ""},
    {"0f 57 c1", "xorps xmm0, xmm1", ""},
    {"62 f1 74 48 54 c2", "vandps zmm0, zmm1, zmm2", ""},
    {"62 f3 75 48 25 c2 ff", "vpternlogd zmm0, zmm1, zmm2, 255", ""},
    {"62 f2 7d 48 18 c1", "vbroadcastss zmm0, xmm1", ""},
    {"62 f2 7d 49 8a c8", "vcompressps zmm0{k1}, zmm1", ""},
    {"62 f2 7d 48 21 c1", "vpmovsxbd zmm0, xmm1", ""},
    {"62 f2 7d 49 92 04 88", "vgatherdps zmm0{k1}, [rax+zmm1*4]", ""},
    {"c5 f8 92 c8", "kmovw k1, eax", ""},
    {"c4 e2 7b 4b 04 08", "tileloadd tmm0, [rax+rcx*1]", ""},
    {"c4 e2 7b 49 c0", "tilezero tmm0", ""},
    {"dd 00", "fld qword ptr [rax]", ""},
    {"d9 e0", "fchs", ""},
    {"d9 c9", "fxch st(1)", ""},
    {"c5 f8 77", "vzeroupper", ""},
});

std::vector<std::uint8_t> bytes_of(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 3) {
    std::from_chars(&hex[i], &hex[i] + 2, bytes.emplace_back(), 16);
  }
  return bytes;
}

struct Decoded {
  ZydisDecodedInstruction instruction;
  std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
};

Decoded decode(std::string_view hex) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  const std::vector<std::uint8_t> bytes = bytes_of(hex);
  Decoded decoded{};
  EXPECT_TRUE(ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes.data(), bytes.size(),
                                                  &decoded.instruction, decoded.operands.data())))
      << hex;
  EXPECT_EQ(decoded.instruction.length, bytes.size()) << hex;
  return decoded;
}

std::string text_of(const Arithmetics& arithmetics) {
  std::string text;
  for (const Arithmetic& one : arithmetics) {
    text += (text.empty() ? "" : ", ") + to_string(one);
    text += one.mask == 0 ? "" : " k" + std::to_string(one.mask);
  }
  return text;
}

TEST(ArithmeticOf, TellsWhatEachFormComputes) {
  for (const Form& form : forms) {
    const Decoded decoded = decode(form.bytes);
    EXPECT_EQ(ZydisMnemonicGetString(decoded.instruction.mnemonic),
              form.assembly.substr(0, form.assembly.find(' ')));
    EXPECT_EQ(text_of(arithmetic_of(decoded.instruction, decoded.operands.data())), form.expected)
        << form.assembly;
  }
}

/// AVX-NE-CONVERT, which Zydis 4.0 does not decode.
const std::vector<Form> converting_neighbours{
    {"c4 e2 7d b0 00", "vcvtneeph2ps ymm0, ymmword ptr [rax]", "convert f16 x8"},
    {"c4 e2 78 b0 00", "vcvtneoph2ps xmm0, xmmword ptr [rax]", "convert f16 x4"},
    {"c4 e2 7e b0 00", "vcvtneebf162ps ymm0, ymmword ptr [rax]", "convert bf16 x8"},
    {"c4 e2 7b b0 00", "vcvtneobf162ps xmm0, xmmword ptr [rax]", "convert bf16 x4"},
    {"c4 e2 7d b1 00", "vbcstnesh2ps ymm0, word ptr [rax]", "convert f16 x1"},
    {"c4 e2 7e b1 00", "vbcstnebf162ps ymm0, word ptr [rax]", "convert bf16 x1"},
};

TEST(ArithmeticOf, TellsWhatYoungFormsComputeWhereZydisKnowsThem) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  for (const Form& form : converting_neighbours) {
    const std::vector<std::uint8_t> bytes = bytes_of(form.bytes);
    Decoded decoded{};
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes.data(), bytes.size(),
                                             &decoded.instruction, decoded.operands.data()))) {
      GTEST_SKIP() << "this Zydis does not decode " << form.assembly;
    }
    EXPECT_EQ(text_of(arithmetic_of(decoded.instruction, decoded.operands.data())), form.expected)
        << form.assembly;
  }
}

// Prevents the shape of one matrix from being taken for another's.
TEST(TilesOf, NamesDestinationAndBothFactors) {
  // tdpbf16ps tmm1, tmm2, tmm3
  const Decoded decoded = decode("c4 e2 62 5c ca");
  const Tiles tiles = tiles_of(decoded.instruction, decoded.operands.data());
  EXPECT_EQ(tiles.destination, 1);
  EXPECT_EQ(tiles.a, 2);
  EXPECT_EQ(tiles.b, 3);
}

}  // namespace
}  // namespace flopmeter::executed
