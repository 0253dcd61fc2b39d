#include "counters/executed/fuzz/forms.h"

#include <array>

namespace flopmeter::executed::fuzz {
namespace {

constexpr std::uint16_t all_sizes = 8 + 16 + 32 + 64;
constexpr std::uint16_t words = 16 + 32 + 64;
constexpr std::uint16_t large = 32 + 64;
constexpr std::uint16_t xy = 128 + 256;
constexpr std::uint16_t xyz = 128 + 256 + 512;
constexpr std::string_view conditional_moves =
    "cmovb cmovbe cmovl cmovle cmovnb cmovnbe cmovnl cmovnle cmovno cmovnp cmovns cmovnz cmovo "
    "cmovp cmovs cmovz";
constexpr std::string_view conditional_sets =
    "setb setbe setl setle setnb setnbe setnl setnle setno setnp setns setnz seto setp sets setz";
constexpr std::string_view float_pairs =
    "addps subps mulps divps minps maxps addpd subpd mulpd divpd minpd maxpd andps xorps unpcklps "
    "haddps hsubpd addsubps paddd psubw pmullw pmulld pmuludq pmaddwd pmaddubsw pcmpeqd pshufb "
    "packuswb pminsb cvtdq2ps cvtps2dq sqrtps rcpps rsqrtps";
constexpr std::string_view vex_pairs =
    "vaddps vsubps vmulps vdivps vminps vmaxps vaddpd vsubpd vmulpd vdivpd vandps vxorps "
    "vunpcklps vhaddps vhsubpd vaddsubps";
constexpr std::string_view fmas =
    "vfmadd132ps vfmadd213ps vfmadd231ps vfmsub231ps vfnmadd213ps vfnmsub132ps vfmaddsub213ps "
    "vfmadd231pd vfmsub132pd vfnmadd213pd vfmsubadd231pd";
constexpr std::string_view scalar_fmas =
    "vfmadd132ss vfmadd213ss vfmsub231ss vfnmadd231ss vfnmsub213ss";

constexpr auto table = std::to_array<Form>({
    {"add adc sub sbb and or xor cmp", "e r", all_sizes},
    {"add adc sub sbb and or xor cmp", "r e", all_sizes},
    {"add adc sub sbb and or xor cmp", "e i", all_sizes},
    {"add adc sub sbb and or xor cmp test mov", "e I", all_sizes},
    {"test mov xchg xadd cmpxchg", "e r", all_sizes},
    {"mov", "r e", all_sizes},
    {"inc dec neg not mul imul", "e", all_sizes},
    {"imul", "r e", words},
    {"imul", "r e i", words},
    {"shl shr sar rol ror rcl rcr", "e i", all_sizes},
    {"shl shr sar rol ror rcl rcr", "e cl", all_sizes},
    {"shld shrd", "e r i", words},
    {"shld shrd", "e r cl", words},
    {"bsf bsr popcnt", "r e", words},
    {"bt btc btr bts", "r r", words},
    {"bt btc btr bts", "e i", words},
    {"bswap", "r", large},
    {conditional_moves, "r e", words},
    {conditional_sets, "e8", 0},
    {"movzx movsx", "r e8", words},
    {"movzx movsx", "r e16", large},
    {"movsxd", "r64 e32", 0},
    {"lea", "r m", large},
    {"cbw cwde cdqe cwd cdq cqo lahf sahf clc stc cmc cld std nop", "", 0},
    {"crc32", "r32 e8", 0},
    {"crc32", "r64 e64", 0},
    {"movnti", "m r", large},
    {"cmpxchg8b", "m64", 0},
    {"cmpxchg16b", "m128", 0, Isa::base, aligned},
    {"add adc sub sbb and or xor xadd cmpxchg", "m r", all_sizes, Isa::base, locked},
    {"inc dec neg not", "m", all_sizes, Isa::base, locked},
    {"btc btr bts", "m i", words, Isa::base, locked},
    {"cmpxchg16b", "m128", 0, Isa::base, aligned | locked},
    {"movbe", "r m", words, Isa::movbe},
    {"movbe", "m r", words, Isa::movbe},
    {"adcx adox", "r e", large, Isa::adx},
    {"andn mulx pdep pext", "r r e", large, Isa::bmi},
    {"blsi blsr blsmsk", "r e", large, Isa::bmi},
    {"tzcnt lzcnt", "r e", words, Isa::bmi},
    {"bextr bzhi sarx shlx shrx", "r e r", large, Isa::bmi},
    {"rorx", "r e i", large, Isa::bmi},

    {float_pairs, "v V", 128, Isa::base, aligned},
    {"addss mulss divss minss ucomiss comiss sqrtss cvtss2sd", "v V32", 128},
    {"addsd mulsd divsd maxsd ucomisd comisd sqrtsd cvtsd2ss", "v V64", 128},
    {"cmpps dpps roundps shufps palignr blendps", "v V i", 128, Isa::base, aligned},
    {"cvtsi2ss cvtsi2sd", "v e64", 128},
    {"cvttss2si cvtss2si", "r64 V32", 128},
    {"cvttsd2si cvtsd2si", "r32 V64", 128},
    {"movaps movdqa", "V v", 128, Isa::base, aligned},
    {"movups movdqu", "v V", 128},
    {"movd", "v e32", 128},
    {"movq", "e64 v", 128},
    {"ptest", "v V", 128, Isa::base, aligned},
    {"pmovmskb movmskps", "r32 v", 128},
    {"pextrd", "e32 v i", 128},
    {"pinsrw", "v e32 i", 128},

    {vex_pairs, "v v V", xy, Isa::avx},
    {"vpaddd vpsubb vpmullw vpmulld vpmuludq vpmaddwd vpmaddubsw vpxor vpshufb", "v v V", xy,
     Isa::avx2},
    {"vsqrtps vrcpps vrsqrtps vcvtps2dq vcvttps2dq vcvtdq2ps vmovups vmovdqu", "v V", xy, Isa::avx},
    {"vaddss vmulss vdivss vminss vsqrtss vrcpss", "v v V32", 128, Isa::avx},
    {"vaddsd vsubsd vmaxsd", "v v V64", 128, Isa::avx},
    {"vucomiss vcomiss", "v V32", 128, Isa::avx},
    {"vcmpps vshufps vblendps vdpps", "v v V i", xy, Isa::avx},
    {"vroundps vpermilps", "v V i", xy, Isa::avx},
    {"vmovups", "V v", xy, Isa::avx},
    {"vptest vtestps", "v V", xy, Isa::avx},
    {"vbroadcastss", "v m32", xy, Isa::avx},
    {"vextractf128", "V128 v i", 256, Isa::avx},
    {"vmaskmovps", "m v v", xy, Isa::avx},
    {"vmaskmovps", "v v m", xy, Isa::avx},
    {"vzeroupper", "", 0, Isa::avx},
    {"vcvtph2ps", "v V64", 128, Isa::f16c},
    {fmas, "v v V", xy, Isa::fma},
    {scalar_fmas, "v v V32", 128, Isa::fma},
    {"vpdpbusd vpdpbusds vpdpwssd", "v v V", xy, Isa::avx_vnni},

    {"vaddps vsubps vmulps vdivps vminps vmaxps vscalefps vaddpd vmulpd vandps vunpckhpd vpaddd "
     "vpsubw vpmullw vpmulld vpmullq vpmaddwd vpmaddubsw vpmuludq vpxord vpminsb",
     "v v V", xyz, Isa::avx512, evex},
    {fmas, "v v V", xyz, Isa::avx512, evex},
    {scalar_fmas, "v v V32", 128, Isa::avx512, evex},
    {"vaddss vmulss vscalefss", "v v V32", 128, Isa::avx512, evex},
    {"vaddsd vdivsd", "v v V64", 128, Isa::avx512, evex},
    {"vsqrtps vrcp14ps vgetexppd vcvtps2dq vcvtdq2ps vcvttpd2qq vcvtqq2pd vpabsd vpopcntd "
     "vplzcntd vmovups vmovapd vmovdqu8 vmovdqu16",
     "v V", xyz, Isa::avx512, evex | aligned},
    {"vrndscaleps vreduceps vgetmantps vpermilpd vprold", "v V i", xyz, Isa::avx512, evex},
    {"vpternlogd valignd vshufps", "v v V i", xyz, Isa::avx512, evex},
    {"vmovups vmovdqu8 vmovdqu16 vmovdqu32 vpcompressd", "m v", xyz, Isa::avx512,
     evex | no_zeroing},
    {"vpexpandd", "v V", xyz, Isa::avx512, evex},
    {"vcmpps vpcmpd vpcmpub vcmppd", "k v V i", xyz, Isa::avx512, evex | no_zeroing},
    {"vptestmd vptestnmb vpcmpgtd vpcmpeqb", "k v V", xyz, Isa::avx512, evex | no_zeroing},
    {"vfpclassps", "k v i", xyz, Isa::avx512, evex | no_zeroing},
    {"vpmovm2b vpmovm2d", "v k", xyz, Isa::avx512, evex | no_mask},
    {"vpmovb2m vpmovd2m", "k v", xyz, Isa::avx512, evex | no_mask},
    {"kandb kandw kandd kandq kandnw korw kxorq kxnorb kaddd kunpckbw kunpckdq", "k k k", 0,
     Isa::avx512},
    {"knotb knotw knotq kmovb kmovw kmovd kmovq", "k k", 0, Isa::avx512},
    {"kortestb kortestw kortestd kortestq ktestw ktestq", "k k", 0, Isa::avx512},
    {"kshiftlw kshiftrq kshiftlb", "k k i", 0, Isa::avx512},
    {"kmovw kmovd kmovb", "k r32", 0, Isa::avx512},
    {"kmovq", "k r64", 0, Isa::avx512},
    {"kmovw kmovd", "r32 k", 0, Isa::avx512},
    {"kmovq", "r64 k", 0, Isa::avx512},
    {"kmovq", "k m64", 0, Isa::avx512},
    {"kmovw", "m16 k", 0, Isa::avx512},
    {"vpcompressw vpcompressb", "m v", xyz, Isa::vbmi2, evex | no_zeroing},
    {"vpshldd", "v v V i", xyz, Isa::vbmi2, evex},
    {"vpdpbusd vpdpwssds", "v v V", xyz, Isa::avx512_vnni, evex},
    {"vdpbf16ps vcvtne2ps2bf16", "v v V", xyz, Isa::avx512_bf16, evex},
    {"vaddph vmulph vdivph vfmadd231ph vfnmadd132ph vminph", "v v V", xyz, Isa::avx512_fp16, evex},
    {"vfmulcph vfmaddcph", "v v V", xyz, Isa::avx512_fp16, evex},
    {"vaddsh vfmadd213sh", "v v V16", 128, Isa::avx512_fp16, evex},

    {"fadd fmul fsub fsubr fdiv fdivr", "st0 st", 0},
    {"fadd fmul fsub fdivr", "st st0", 0},
    {"faddp fmulp fsubp", "st st0", 0},
    {"fadd fmul fsubr fdiv", "m32", 0},
    {"fadd fmul", "m64", 0},
    {"fxch", "st", 0},
    {"fucomi fcomi fcmovb fcmovnbe fcmovu", "st0 st", 0},
    {"fld", "m32", 0},
    {"fld", "m64", 0},
    {"fld", "m80", 0},
    {"fild", "m16", 0},
    {"fild", "m64", 0},
    {"fst fstp", "m64", 0},
    {"fstp", "m80", 0},
    {"fistp fisttp", "m32", 0},
    {"fld1 fldz fldpi fchs fabs fsqrt frndint fscale fsin fpatan fincstp fdecstp ftst fxam", "", 0},
    {"fnstsw", "m16", 0},
    {"fnstcw", "m16", 0},
    {"emms", "", 0},
});

}  // namespace

std::span<const Form> forms() { return table; }

}  // namespace flopmeter::executed::fuzz
