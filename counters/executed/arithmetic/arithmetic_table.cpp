#include "counters/executed/arithmetic/arithmetic_table.h"

#include <array>

namespace flopmeter::executed {
namespace {

using enum Operation;
using Element::bf16, Element::f16, Element::f32, Element::f64, Element::f80;
using Element::i8, Element::i16, Element::i32, Element::i64;

constexpr auto table = std::to_array<Row>({
    // Subtractions are adds. A horizontal add makes each of its results from one pair.
    {"addps vaddps subps vsubps addsubps vaddsubps haddps vhaddps hsubps vhsubps", add, f32, 32},
    {"addpd vaddpd subpd vsubpd addsubpd vaddsubpd haddpd vhaddpd hsubpd vhsubpd", add, f64, 64},
    {"addss vaddss subss vsubss", add, f32, scalar},
    {"addsd vaddsd subsd vsubsd", add, f64, scalar},
    {"vaddph vsubph", add, f16, 16},
    {"vaddsh vsubsh", add, f16, scalar},
    {"fadd faddp fiadd fsub fsubp fsubr fsubrp fisub fisubr", add, f80, scalar},
    {"mulps vmulps", multiply, f32, 32},
    {"mulpd vmulpd", multiply, f64, 64},
    {"mulss vmulss", multiply, f32, scalar},
    {"mulsd vmulsd", multiply, f64, scalar},
    {"vmulph", multiply, f16, 16},
    {"vmulsh", multiply, f16, scalar},
    {"fmul fmulp fimul", multiply, f80, scalar},
    // Packed integers multiply; their adds are not here, being addresses and bookkeeping as a rule.
    {"pmullw vpmullw pmulhw vpmulhw pmulhuw vpmulhuw pmulhrsw vpmulhrsw", multiply, i16, 16},
    {"pmulld vpmulld", multiply, i32, 32},
    {"pmuludq vpmuludq pmuldq vpmuldq", multiply, i32, 64},
    {"vpmullq vpmadd52luq vpmadd52huq", multiply, i64, 64},
    // Complex numbers of two FP16: four multiplies, and two adds or, onto a third one, four.
    {"vfmulcph vfcmulcph vfmaddcph vfcmaddcph", multiply, f16, 32, 4},
    {"vfmulcsh vfcmulcsh vfmaddcsh vfcmaddcsh", multiply, f16, scalar, 4},
    {"vfmulcph vfcmulcph", add, f16, 32, 2},
    {"vfmulcsh vfcmulcsh", add, f16, scalar, 2},
    {"vfmaddcph vfcmaddcph", add, f16, 32, 4},
    {"vfmaddcsh vfcmaddcsh", add, f16, scalar, 4},
    // FMA3, AVX-512 and, without numbers, AMD's FMA4.
    {"vfmadd132ps vfmadd213ps vfmadd231ps vfmsub132ps vfmsub213ps vfmsub231ps vfnmadd132ps "
     "vfnmadd213ps vfnmadd231ps vfnmsub132ps vfnmsub213ps vfnmsub231ps vfmaddsub132ps "
     "vfmaddsub213ps vfmaddsub231ps vfmsubadd132ps vfmsubadd213ps vfmsubadd231ps vfmaddps "
     "vfmsubps vfnmaddps vfnmsubps vfmaddsubps vfmsubaddps",
     fma, f32, 32},
    {"vfmadd132pd vfmadd213pd vfmadd231pd vfmsub132pd vfmsub213pd vfmsub231pd vfnmadd132pd "
     "vfnmadd213pd vfnmadd231pd vfnmsub132pd vfnmsub213pd vfnmsub231pd vfmaddsub132pd "
     "vfmaddsub213pd vfmaddsub231pd vfmsubadd132pd vfmsubadd213pd vfmsubadd231pd vfmaddpd "
     "vfmsubpd vfnmaddpd vfnmsubpd vfmaddsubpd vfmsubaddpd",
     fma, f64, 64},
    {"vfmadd132ph vfmadd213ph vfmadd231ph vfmsub132ph vfmsub213ph vfmsub231ph vfnmadd132ph "
     "vfnmadd213ph vfnmadd231ph vfnmsub132ph vfnmsub213ph vfnmsub231ph vfmaddsub132ph "
     "vfmaddsub213ph vfmaddsub231ph vfmsubadd132ph vfmsubadd213ph vfmsubadd231ph",
     fma, f16, 16},
    {"vfmadd132ss vfmadd213ss vfmadd231ss vfmsub132ss vfmsub213ss vfmsub231ss vfnmadd132ss "
     "vfnmadd213ss vfnmadd231ss vfnmsub132ss vfnmsub213ss vfnmsub231ss vfmaddss vfmsubss "
     "vfnmaddss vfnmsubss",
     fma, f32, scalar},
    {"vfmadd132sd vfmadd213sd vfmadd231sd vfmsub132sd vfmsub213sd vfmsub231sd vfnmadd132sd "
     "vfnmadd213sd vfnmadd231sd vfnmsub132sd vfnmsub213sd vfnmsub231sd vfmaddsd vfmsubsd "
     "vfnmaddsd vfnmsubsd",
     fma, f64, scalar},
    {"vfmadd132sh vfmadd213sh vfmadd231sh vfmsub132sh vfmsub213sh vfmsub231sh vfnmadd132sh "
     "vfnmadd213sh vfnmadd231sh vfnmsub132sh vfnmsub213sh vfnmsub231sh",
     fma, f16, scalar},
    {"v4fmaddps v4fnmaddps", fma, f32, 32, 4},
    {"v4fmaddss v4fnmaddss", fma, f32, scalar, 4},
    {"vdpbf16ps", dot, bf16, 32, 2},
    {"vpdpbusd vpdpbusds vpdpbssd vpdpbssds vpdpbsud vpdpbsuds vpdpbuud vpdpbuuds", dot, i8, 32, 4},
    {"vpdpwssd vpdpwssds vpdpwsud vpdpwsuds vpdpwusd vpdpwusds vpdpwuud vpdpwuuds", dot, i16, 32,
     2},
    // Eight products a lane, as twice four.
    {"vp4dpwssd vp4dpwssds", dot, i16, 32, 4},
    {"vp4dpwssd vp4dpwssds", dot, i16, 32, 4},
    // int8 without VNNI: pmaddubsw, then pmaddwd by ones, which only widens and sums the products.
    {"pmaddubsw vpmaddubsw", dot, i8, 16, 2},
    {"pmaddwd vpmaddwd", other, i16, 32},
    // One sum of products in each 128 bits, all of them counted, whatever the immediate leaves out.
    {"dpps vdpps", dot, f32, 128, 4},
    {"dppd vdppd", dot, f64, 128, 2},
    {"tdpbf16ps", dot, bf16, tile, 2},
    {"tdpfp16ps", dot, f16, tile, 2},
    {"tdpbssd tdpbsud tdpbusd tdpbuud", dot, i8, tile, 4},
    {"divps vdivps", divide, f32, 32},
    {"divpd vdivpd", divide, f64, 64},
    {"divss vdivss", divide, f32, scalar},
    {"divsd vdivsd", divide, f64, scalar},
    {"vdivph", divide, f16, 16},
    {"vdivsh", divide, f16, scalar},
    {"fdiv fdivp fdivr fdivrp fidiv fidivr", divide, f80, scalar},
    {"sqrtps vsqrtps", square_root, f32, 32},
    {"sqrtpd vsqrtpd", square_root, f64, 64},
    {"sqrtss vsqrtss", square_root, f32, scalar},
    {"sqrtsd vsqrtsd", square_root, f64, scalar},
    {"vsqrtph", square_root, f16, 16},
    {"vsqrtsh", square_root, f16, scalar},
    {"fsqrt", square_root, f80, scalar},
    {"minps vminps maxps vmaxps vrangeps", min_max, f32, 32},
    {"minpd vminpd maxpd vmaxpd vrangepd", min_max, f64, 64},
    {"minss vminss maxss vmaxss vrangess", min_max, f32, scalar},
    {"minsd vminsd maxsd vmaxsd vrangesd", min_max, f64, scalar},
    {"vminph vmaxph", min_max, f16, 16},
    {"vminsh vmaxsh", min_max, f16, scalar},
    {"cmpps vcmpps", compare, f32, 32},
    {"cmppd vcmppd", compare, f64, 64},
    {"vcmpph", compare, f16, 16},
    {"cmpss vcmpss comiss vcomiss ucomiss vucomiss", compare, f32, scalar},
    {"cmpsd vcmpsd comisd vcomisd ucomisd vucomisd", compare, f64, scalar},
    {"vcmpsh vcomish vucomish", compare, f16, scalar},
    {"fcom fcomi fcomip fcomp fcompp ficom ficomp ftst fucom fucomi fucomip fucomp fucompp",
     compare, f80, scalar},
    // Conversions between integers alone, such as pmovsxbd, only move bits and are not here.
    {"cvtdq2ps vcvtdq2ps vcvtudq2ps vcvtdq2ph vcvtudq2ph", convert, i32, 32},
    {"cvtdq2pd vcvtdq2pd vcvtudq2pd cvtpi2ps cvtpi2pd", convert, i32, 64},
    {"vcvtqq2ps vcvtqq2pd vcvtqq2ph vcvtuqq2ps vcvtuqq2pd vcvtuqq2ph", convert, i64, 64},
    {"vcvtw2ph vcvtuw2ph", convert, i16, 16},
    {"cvtps2dq vcvtps2dq cvttps2dq vcvttps2dq vcvtps2udq vcvttps2udq cvtps2pi cvttps2pi "
     "vcvtps2ph vcvtps2phx vcvtneps2bf16",
     convert, f32, 32},
    {"cvtps2pd vcvtps2pd vcvtps2qq vcvttps2qq vcvtps2uqq vcvttps2uqq", convert, f32, 64},
    {"vcvtne2ps2bf16", convert, f32, 16},
    {"cvtpd2ps vcvtpd2ps cvtpd2dq vcvtpd2dq cvttpd2dq vcvttpd2dq vcvtpd2udq vcvttpd2udq "
     "vcvtpd2qq vcvttpd2qq vcvtpd2uqq vcvttpd2uqq vcvtpd2ph",
     convert, f64, 64},
    {"cvtpd2pi cvttpd2pi", convert, f64, 32},
    {"vcvtph2ps vcvtph2psx vcvtph2dq vcvttph2dq vcvtph2udq vcvttph2udq", convert, f16, 32},
    // AVX-NE-CONVERT: every other element of memory, or one for all.
    {"vcvtneeph2ps vcvtneoph2ps", convert, f16, 32},
    {"vcvtneebf162ps vcvtneobf162ps", convert, bf16, 32},
    {"vbcstnesh2ps", convert, f16, scalar},
    {"vbcstnebf162ps", convert, bf16, scalar},
    {"vcvtph2pd vcvtph2qq vcvttph2qq vcvtph2uqq vcvttph2uqq", convert, f16, 64},
    {"vcvtph2w vcvttph2w vcvtph2uw vcvttph2uw", convert, f16, 16},
    {"cvtss2sd vcvtss2sd vcvtss2sh cvtss2si vcvtss2si cvttss2si vcvttss2si vcvtss2usi "
     "vcvttss2usi",
     convert, f32, scalar},
    {"cvtsd2ss vcvtsd2ss vcvtsd2sh cvtsd2si vcvtsd2si cvttsd2si vcvttsd2si vcvtsd2usi "
     "vcvttsd2usi",
     convert, f64, scalar},
    {"vcvtsh2ss vcvtsh2sd vcvtsh2si vcvttsh2si vcvtsh2usi vcvttsh2usi", convert, f16, scalar},
    {"cvtsi2ss vcvtsi2ss cvtsi2sd vcvtsi2sd vcvtsi2sh vcvtusi2ss vcvtusi2sd vcvtusi2sh "
     "fild",
     convert, Element::none, scalar},
    {"fist fistp fisttp", convert, f80, scalar},
    {"roundps vroundps vrndscaleps", round, f32, 32},
    {"roundpd vroundpd vrndscalepd", round, f64, 64},
    {"vrndscaleph", round, f16, 16},
    {"roundss vroundss vrndscaless", round, f32, scalar},
    {"roundsd vroundsd vrndscalesd", round, f64, scalar},
    {"vrndscalesh", round, f16, scalar},
    {"frndint", round, f80, scalar},
    {"rcpps vrcpps rsqrtps vrsqrtps vrcp14ps vrsqrt14ps vrcp28ps vrsqrt28ps vexp2ps", approximate,
     f32, 32},
    {"vrcp14pd vrsqrt14pd vrcp28pd vrsqrt28pd vexp2pd", approximate, f64, 64},
    {"vrcpph vrsqrtph", approximate, f16, 16},
    {"rcpss vrcpss rsqrtss vrsqrtss vrcp14ss vrsqrt14ss vrcp28ss vrsqrt28ss", approximate, f32,
     scalar},
    {"vrcp14sd vrsqrt14sd vrcp28sd vrsqrt28sd", approximate, f64, scalar},
    {"vrcpsh vrsqrtsh", approximate, f16, scalar},
    {"vreduceps vscalefps vgetexpps vgetmantps vfpclassps vfixupimmps", other, f32, 32},
    {"vreducepd vscalefpd vgetexppd vgetmantpd vfpclasspd vfixupimmpd", other, f64, 64},
    {"vreducess vscalefss vgetexpss vgetmantss vfpclassss vfixupimmss", other, f32, scalar},
    {"vreducesd vscalefsd vgetexpsd vgetmantsd vfpclasssd vfixupimmsd", other, f64, scalar},
    {"vreduceph vscalefph vgetexpph vgetmantph vfpclassph", other, f16, 16},
    {"vreducesh vscalefsh vgetexpsh vgetmantsh vfpclasssh", other, f16, scalar},
    {"fprem fprem1 fscale fxtract f2xm1 fyl2x fyl2xp1 fptan fpatan fsin fcos fsincos", other, f80,
     scalar},
});

}  // namespace

std::span<const Row> arithmetic_table() { return table; }

}  // namespace flopmeter::executed
