#include "bench/experiments/isa/onednn_isa.h"

#include <gmock/gmock.h>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;

TEST(OnednnIsa, LimitIsTheNameInCapitals) {
  EXPECT_THAT(
      onednn_isa_limit("avx512_core_vnni"),
      ElementsAre("ONEDNN_MAX_CPU_ISA=AVX512_CORE_VNNI", "DNNL_MAX_CPU_ISA=AVX512_CORE_VNNI"));
}

TEST(OnednnIsa, UnknownNamesAreRefused) {
  if (onednn_isas().empty()) {
    EXPECT_THROW(parse_onednn_isa("avx2"), BadInput);
    return;
  }
  EXPECT_EQ(parse_onednn_isa("avx2"), "avx2");
  try {
    parse_onednn_isa("avx3");
    FAIL();
  } catch (const BadInput& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("unknown isa 'avx3': one of sse41, avx, avx2,"));
  }
}

// Prevents a number that nobody knows where oneDNN names its instruction set itself.
TEST(OnednnIsa, ThisProcessHasOneOfThem) {
  if (onednn_isas().empty()) {
    GTEST_SKIP() << "this build has no oneDNN";
  }
  EXPECT_THAT(onednn_isas(), testing::Contains(effective_onednn_isa()));
}

}  // namespace
}  // namespace flopmeter
