#include <fmt/format.h>

#include "kernels/eigen/backend_testing.h"
#include "kernels/matmul/matmul.h"

namespace flopmeter::matmul {
namespace {

TEST(MatmulEigen, LayoutsBatchesAndBias) {
  for (const char* dims :
       {"1x1:1x1", "1x37:37x1", "1x150:150x9", "9x150:150x1", "5x4:4x3", "17x19:19x23",
        "24x40:40x16", "2x3x5:2x5x7", "3x31x20:1x20x33", "1x20x33:3x33x31", "1x20x33:1x33x1",
        "4x9x300:4x300x11", "4x1x5x6:1x3x6x7", "2x3x5x6:2x1x6x7"}) {
    for (int bits = 0; bits < 8; ++bits) {
      eigen::expect_right<Layer>(
          fmt::format("{}_ta{}_tb{}_bias{}", dims, bits & 1, bits >> 1 & 1, bits >> 2));
    }
  }
}

TEST(MatmulEigen, DeeperThanABlock) { eigen::expect_right<Layer>("7x2000:2000x13_tb1_bias1"); }

TEST(MatmulEigen, ABatchWithOneWeightIsOneProduct) {
  const auto counts = [](const char* text) {
    return stated_eigen(parse_shape<Layer>(text), Pass::forward);
  };
  EXPECT_EQ(counts("5x30x40:1x40x50"), counts("150x40:40x50"));
  EXPECT_EQ(counts("2x5x30x40:2x1x40x50"), counts("2x150x40:2x40x50"));
  EXPECT_EQ(counts("5x30x40:5x40x50"), 5 * counts("30x40:40x50"));
}

TEST(MatmulEigen, SaysWhatItCannotDo) { eigen::expect_unavailable<Layer>("4x4:4x4"); }

}  // namespace
}  // namespace flopmeter::matmul
