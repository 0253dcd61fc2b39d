// For tests: the mnemonics of vector and floating-point instruction sets that are left out of
// arithmetic_table on purpose.
#pragma once

#include <array>
#include <string_view>

namespace flopmeter::executed {

inline constexpr std::array<std::string_view, 5> not_counted{
    // Integer sums, extrema, comparisons and counts: addresses and bookkeeping as a rule.
    "crc32 mpsadbw pabsb pabsd pabsw paddb paddd paddq paddsb paddsw paddusb paddusw paddw "
    "pavgb pavgw pcmpeqb pcmpeqd pcmpeqq pcmpeqw pcmpestri pcmpestrm pcmpgtb pcmpgtd pcmpgtq "
    "pcmpgtw pcmpistri pcmpistrm phaddd phaddsw phaddw phminposuw phsubd phsubsw phsubw pmaxsb "
    "pmaxsd pmaxsw pmaxub pmaxud pmaxuw pminsb pminsd pminsw pminub pminud pminuw psadbw psignb "
    "psignd psignw psubb psubd psubq psubsb psubsw psubusb psubusw psubw vdbpsadbw vmpsadbw "
    "vp2intersectd vp2intersectq vpabsb vpabsd vpabsq vpabsw vpaddb vpaddd vpaddq vpaddsb "
    "vpaddsw vpaddusb vpaddusw vpaddw vpavgb vpavgw vpcmpb vpcmpd vpcmpeqb vpcmpeqd vpcmpeqq "
    "vpcmpeqw vpcmpgtb vpcmpgtd vpcmpgtq vpcmpgtw vpcmpq vpcmpub vpcmpud vpcmpuq vpcmpuw vpcmpw "
    "vphaddd vphaddsw vphaddw vphminposuw vphsubd vphsubsw vphsubw vpmaxsb vpmaxsd vpmaxsq "
    "vpmaxsw vpmaxub vpmaxud vpmaxuq vpmaxuw vpminsb vpminsd vpminsq vpminsw vpminub vpminud "
    "vpminuq vpminuw vpopcntb vpopcntd vpopcntq vpopcntw vpsadbw vpsignb vpsignd vpsignw vpsubb "
    "vpsubd vpsubq vpsubsb vpsubsw vpsubusb vpsubusw vpsubw",
    // Shifts of bits.
    "pslld pslldq psllq psllw psrad psraw psrld psrldq psrlq psrlw vpclmulqdq vpmultishiftqb "
    "vprold vprolq vprolvd vprolvq vprord vprorq vprorvd vprorvq vpslld vpslldq vpsllq vpsllvd "
    "vpsllvq vpsllvw vpsllw vpsrad vpsraq vpsravd vpsravq vpsravw vpsraw vpsrld vpsrldq vpsrlq "
    "vpsrlvd vpsrlvq vpsrlvw vpsrlw",
    // Moves, shuffles and changes of integer widths.
    "blendpd blendps blendvpd blendvps extractps extrq insertps insertq lddqu movntdqa packssdw "
    "packsswb packusdw packuswb palignr pblendvb pblendw pextrb pextrd pextrq pextrw pinsrb "
    "pinsrd pinsrq pinsrw pmovmskb pmovsxbd pmovsxbq pmovsxbw pmovsxdq pmovsxwd pmovsxwq "
    "pmovzxbd pmovzxbq pmovzxbw pmovzxdq pmovzxwd pmovzxwq pshufb pshufd pshufhw pshuflw pshufw "
    "punpckhbw punpckhdq punpckhqdq punpckhwd punpcklbw punpckldq punpcklqdq punpcklwd shufpd "
    "shufps unpckhpd unpckhps unpcklpd unpcklps valignd valignq vblendpd vblendps vblendvpd "
    "vblendvps vextractf128 vextractf32x4 vextractf32x8 vextractf64x2 vextractf64x4 "
    "vextracti128 vextracti32x4 vextracti32x8 vextracti64x2 vextracti64x4 vextractps "
    "vinsertf128 vinsertf32x4 vinsertf32x8 vinsertf64x2 vinsertf64x4 vinserti128 vinserti32x4 "
    "vinserti32x8 vinserti64x2 vinserti64x4 vinsertps vlddqu vmaskmovdqu vmaskmovpd vmaskmovps "
    "vpackssdw vpacksswb vpackusdw vpackuswb vpalignr vpblendd vpblendvb vpblendw vperm2f128 "
    "vperm2i128 vpermb vpermd vpermi2b vpermi2d vpermi2pd vpermi2ps vpermi2q vpermi2w vpermilpd "
    "vpermilps vpermpd vpermps vpermq vpermt2b vpermt2d vpermt2pd vpermt2ps vpermt2q vpermt2w "
    "vpermw vpextrb vpextrd vpextrq vpextrw vpinsrb vpinsrd vpinsrq vpinsrw vpmaskmovd "
    "vpmaskmovq vpmovmskb vpmovsxbd vpmovsxbq vpmovsxbw vpmovsxdq vpmovsxwd vpmovsxwq vpmovzxbd "
    "vpmovzxbq vpmovzxbw vpmovzxdq vpmovzxwd vpmovzxwq vpshufb vpshufbitqmb vpshufd vpshufhw "
    "vpshuflw vpunpckhbw vpunpckhdq vpunpckhqdq vpunpckhwd vpunpcklbw vpunpckldq vpunpcklqdq "
    "vpunpcklwd vshuff32x4 vshuff64x2 vshufi32x4 vshufi64x2 vshufpd vshufps vunpckhpd vunpckhps "
    "vunpcklpd vunpcklps",
    // x87 loads, stores, constants, signs, classes, decimals and state.
    "fabs fbld fbstp fchs fdecstp fdisi8087_nop feni8087_nop ffree ffreep fincstp fld fld1 "
    "fldcw fldenv fldl2e fldl2t fldlg2 fldln2 fldpi fldz fnclex fninit fnop fnsave fnstcw "
    "fnstenv fnstsw frstor fsetpm287_nop fst fstp fstpnce fwait fxam fxch",
    // State and order.
    "emms ldmxcsr ldtilecfg lfence mfence sfence stmxcsr sttilecfg vldmxcsr vstmxcsr vzeroall "
    "vzeroupper",
};

}  // namespace flopmeter::executed
