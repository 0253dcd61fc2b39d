#include "kernels/matmul/matmul.h"
#include "kernels/onednn/backend_testing.h"

namespace flopmeter::matmul {
namespace {

/// Random small shapes and those whose sizes oneDNN's kernels treat differently.
std::vector<Shape> shapes() {
  std::vector<Shape> shapes;
  for (const auto* text :
       {"1x1:1x1", "1x1:1x1_bias1", "1x512:512x1", "64x1:1x64_ta1_tb1", "131x127:127x113_tb1",
        "256x256:256x256_ta1_bias1", "1x300:300x200_tb1", "12x33x64:12x64x33_tb1_bias1",
        "1x17x40:5x40x64", "5x17x40:1x40x64_ta1_bias1", "1x1024:1024x16_ta1",
        "16x1024:1024x1_bias1", "4x1x8x16:1x4x16x32", "2x3x1x17x40:2x1x5x40x33_ta1_tb1_bias1"}) {
    shapes.push_back(parse_shape<Layer>(text));
  }
  std::mt19937_64 random(1);
  while (shapes.size() < 120) {
    try {
      shapes.push_back(complete_shape<Layer>(onednn::draw<Layer>(random)));
    } catch (const BadInput&) {
      continue;  // no legal broadcast
    }
  }
  return shapes;
}

class MatmulOnednn : public testing::TestWithParam<Setup> {};

TEST_P(MatmulOnednn, AgreesWithTheReferenceOrIsUnavailable) {
  onednn::expect_agreement<Layer>(shapes(), GetParam(), prepare_onednn);
}

INSTANTIATE_TEST_SUITE_P(All, MatmulOnednn, testing::ValuesIn(onednn::setups), onednn::setup_name);

}  // namespace
}  // namespace flopmeter::matmul
