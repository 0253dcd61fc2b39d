#include "validate/training.h"

#include <gtest/gtest.h>

#include "kernels/network/listing.h"

namespace flopmeter {
namespace {

TrainingCost cost(std::string_view layer, std::string_view shape) {
  return training_cost(parse_problem(find_layer(layer), shape));
}

// 32 x 512 x 1000 products in each of the three passes.
TEST(Training, LinearCostsItsForwardPassTwiceMore) {
  const TrainingCost linear = cost("linear", "mb32ic512oc1000");
  EXPECT_EQ(linear.macs.forward, 16'384'000);
  EXPECT_EQ(linear.macs.backward_data, 16'384'000);
  EXPECT_EQ(linear.macs.backward_weights, 16'384'000);
  EXPECT_EQ(linear.macs.ratio(), 3);
}

// The first layer of a network costs its forward pass once more, not twice.
TEST(Training, FirstLayerHasNoDataGradient) {
  const AnyLayer& linear = find_layer("linear");
  const std::vector<Listed> layers{{parse_problem(linear, "mb32ic128oc64")},
                                   {parse_problem(linear, "mb32ic64oc10")}};
  const PassCosts macs = training_cost(listed_network("mlp", layers)).macs;
  EXPECT_EQ(macs.forward, 32 * (128 * 64 + 64 * 10));
  EXPECT_EQ(macs.backward_data, 32 * 64 * 10);
  EXPECT_EQ(macs.backward_weights, macs.forward);
}

// Queries, keys and values are all products of the network's input.
TEST(Training, NoLayerOfTheFirstPartHasADataGradient) {
  const AnyLayer& linear = find_layer("linear");
  const Problem projection = parse_problem(linear, "mb10ic256oc256");
  const std::vector<Listed> projections{{projection, 3}, {projection, 1}};
  const PassCosts macs = training_cost(listed_network("attention", projections)).macs;
  EXPECT_EQ(macs.forward, 4 * 10 * 256 * 256);
  EXPECT_EQ(macs.backward_data, 10 * 256 * 256);
}

TEST(Training, NetworksHaveTheirLayers) {
  const std::vector<Network> all = networks();
  const auto resnet = std::ranges::find_if(
      all, [](const Network& network) { return network.name().starts_with("ResNet-18"); });
  ASSERT_NE(resnet, all.end());
  EXPECT_EQ(training_cost(*resnet).macs.forward, 1'680'390'912);  // in bounds
  EXPECT_GT(training_cost(*resnet).macs.ratio(), 2.5);
}

}  // namespace
}  // namespace flopmeter
