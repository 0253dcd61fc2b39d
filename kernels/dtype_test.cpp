#include "kernels/dtype.h"

#include <gtest/gtest.h>

#include "kernels/bad_input.h"
#include "kernels/tolerance.h"

namespace flopmeter {
namespace {

TEST(Dtype, NamesRoundTrip) {
  for (const Dtype dtype : all_dtypes) {
    EXPECT_EQ(parse_dtype(to_string(dtype)), dtype);
  }
  EXPECT_THROW(parse_dtype("fp32"), BadInput);
}

TEST(Pass, NamesRoundTrip) {
  for (const Pass pass : all_passes) {
    EXPECT_EQ(parse_pass(to_string(pass)), pass);
  }
  EXPECT_THROW(parse_pass("backward"), BadInput);
}

TEST(Dtype, SizesAndRoundoff) {
  EXPECT_EQ(size_of(Dtype::f32), 4);
  EXPECT_EQ(size_of(Dtype::bf16), 2);
  EXPECT_EQ(size_of(Dtype::f16), 2);
  EXPECT_EQ(size_of(Dtype::s8), 1);
  // 24, 8 and 11 significant bits.
  EXPECT_EQ(unit_roundoff(Dtype::f32), 0x1p-24);
  EXPECT_EQ(unit_roundoff(Dtype::bf16), 0x1p-8);
  EXPECT_EQ(unit_roundoff(Dtype::f16), 0x1p-11);
}

TEST(SumTolerance, GrowsWithTheReductionLength) {
  EXPECT_EQ(sum_tolerance(512, Dtype::f32).absolute, 4 * 512 * 0x1p-24);
  EXPECT_EQ(sum_tolerance(512, Dtype::bf16).relative, 0x1p-7);
  EXPECT_THROW(check_flag("x", "bias", 2), BadInput);
  EXPECT_NO_THROW(check_flag("x", "bias", 1));
}

}  // namespace
}  // namespace flopmeter
