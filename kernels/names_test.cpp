#include "kernels/names.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(LayerNames, HaveOtherNamesOfOneMeaning) {
  const auto called = [](std::string_view name) {
    const AnyLayer* layer = layer_called(name);
    return layer == nullptr ? std::string_view("none") : layer->name;
  };
  EXPECT_EQ(called("bmm"), "matmul");
  EXPECT_EQ(called("gelu"), "gelu_erf");
  EXPECT_EQ(called("deconv2d"), "conv_transpose2d");
  EXPECT_EQ(called("mha"), "attention");
  EXPECT_EQ(called("layer_norm"), "layernorm");
  EXPECT_EQ(called("LayerNorm"), "layernorm");
  EXPECT_EQ(called("Conv2D"), "conv2d");
  EXPECT_EQ(called("pool"), "none");
  EXPECT_EQ(called("conv"), "none");
}

TEST(LayerNames, ErrorsNameTheNearestAndTheirShapes) {
  EXPECT_THAT([] { find_layer("pooling2d"); },
              ThrowsMessage<BadInput>(
                  AllOf(HasSubstr("unknown layer 'pooling2d'"), HasSubstr("_pool (mb"))));
  EXPECT_THAT([] { find_layer("lstmm"); }, ThrowsMessage<BadInput>(HasSubstr("lstm (l")));
  EXPECT_THAT(nearest_layers("conv2", 3), testing::Contains("conv2d"));
}

// What is an option here, or has several meanings, says what to write.
TEST(LayerNames, HintsSayWhatToWrite) {
  const auto says = [](const char* name, const char* what) {
    EXPECT_THAT([&] { find_layer(name); }, ThrowsMessage<BadInput>(HasSubstr(what))) << name;
  };
  says("depthwise_conv", "conv2d with g = ic = oc");
  says("Upsample", "resample_nearest, resample_linear");
  says("swiglu", "ffn with swiglu1");
  says("dropout", "does not compute it");
}

TEST(LayerNames, ExamplesAreShapesOfTheLayer) {
  for (const AnyLayer& layer : layers()) {
    const std::string example = example_shape(layer);
    EXPECT_EQ(layer.print(layer.parse(example)), example) << layer.name;
  }
}

}  // namespace
}  // namespace flopmeter
