// Products in double against the layers' own definitions.
#include "kernels/eigen/in_double.h"

#include <gtest/gtest.h>

#include <cmath>

namespace flopmeter::eigen {
namespace {

struct ProductCase {
  std::string_view layer, shape;
};

class InDouble : public ::testing::TestWithParam<ProductCase> {};

TEST_P(InDouble, IsWhatTheDefinitionSays) {
  const AnyLayer& layer = find_layer(GetParam().layer);
  const Values values = layer.parse(GetParam().shape);
  const auto operands = layer.operands(values, Pass::forward);
  Tensors<double> expected{std::span<const Operand>(operands)};
  Tensors<double> got{std::span<const Operand>(operands)};
  double number = 0;
  for (std::size_t i = 0; i < expected.entries().size(); ++i) {
    auto& to = expected.entries()[i].data;
    for (std::size_t k = 0; k < to.size(); ++k) {
      number = std::fmod(number * 1.7 + 0.31, 2.0);
      to[k] = number - 1;
      got.entries()[i].data[k] = to[k];
    }
  }
  layer.reference(values, Pass::forward, expected);
  for (const int threads : {1, 2}) {
    ASSERT_TRUE(product_in_double(layer, values, got, threads));
    const auto& want = expected.find("dst")->data;
    const auto& is = got.find("dst")->data;
    for (std::size_t k = 0; k < want.size(); ++k) {
      ASSERT_NEAR(is[k], want[k], 1e-12) << k;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, InDouble,
                         ::testing::Values(ProductCase{"linear", "mb3ic37oc29"},
                                           ProductCase{"linear", "mb1ic64oc5bias0"},
                                           ProductCase{"matmul", "4x1x8x16:1x4x16x9"},
                                           ProductCase{"matmul", "3x8x16:3x16x9_tb1_bias1"},
                                           ProductCase{"conv1d", "mb2ic6iw19oc8kw3sw2pw1"},
                                           ProductCase{"conv2d", "g2mb2ic6ih9oc8oh5kh3sh2ph1"},
                                           ProductCase{"conv2d", "g6mb2ic6ih9oc6kh3ph1"},
                                           ProductCase{"conv2d", "mb1ic24ih7oc40kh1ph0bias0"},
                                           ProductCase{"conv3d", "mb1ic3id4ih5iw6oc4kd2kh3kw3"}));

TEST(InDouble, LeavesOtherLayersAlone) {
  const AnyLayer& layer = find_layer("relu");
  const Values values = layer.parse("mb1ic8");
  const auto operands = layer.operands(values, Pass::forward);
  Tensors<double> tensors{std::span<const Operand>(operands)};
  EXPECT_FALSE(product_in_double(layer, values, tensors, 1));
}

}  // namespace
}  // namespace flopmeter::eigen
