#include "validate/training.h"

#include <gtest/gtest.h>

#include <array>

#include "kernels/bad_input.h"
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

TrainingCost partly(std::string_view layer, std::string_view shape, const Trained& trained) {
  return training_cost(parse_problem(find_layer(layer), shape), trained);
}

void expect_equal(const PassCosts& a, const PassCosts& b) {
  EXPECT_EQ(a.forward, b.forward);
  EXPECT_EQ(a.backward_data, b.backward_data);
  EXPECT_EQ(a.backward_weights, b.backward_weights);
}

// Node by node it is the same as the closed forms of the whole, sums of gradients included.
TEST(PartialTraining, OfEverythingIsTheWholeStep) {
  const std::array<std::pair<const char*, const char*>, 6> all{
      {{"linear", "mb32ic512oc1000"},
       {"relu", "mb2ic8"},
       {"ffn", "mb5ic24hid17swiglu1"},
       {"attention", "mb1l5past3e24h4hkv2d7causal1rope6softcap3qknorm1sink1"},
       {"encoder_layer", "mb2l5e24h3ff17"},
       {"transformer_block", "mb2l5e24h4hkv2d6ff17parallel1rope4"}}};
  for (const auto& [layer, shape] : all) {
    SCOPED_TRACE(layer);
    expect_equal(partly(layer, shape, {}).macs, cost(layer, shape).macs);
    expect_equal(partly(layer, shape, {}).flops, cost(layer, shape).flops);
  }
}

TEST(PartialTraining, FrozenLayersHaveNoWeightGradients) {
  const TrainingCost frozen = partly("attention", "mb1l4e8h2", {.frozen = true});
  const TrainingCost whole = cost("attention", "mb1l4e8h2");
  EXPECT_EQ(frozen.macs.backward_weights, 0);
  EXPECT_EQ(frozen.macs.backward_data, whole.macs.backward_data);
  EXPECT_EQ(frozen.trained, 0);
  EXPECT_EQ(frozen.parameters, 4 * (8 * 8 + 8));
}

// 32 tokens, 512 -> 4 -> 1000 beside 512 -> 1000. Forward: the product of the frozen matrix and two
// small ones; 32 * 1000 results are scaled and added. Each small product has both its gradients.
TEST(PartialTraining, LoraTrainsTwoSmallMatrices) {
  const TrainingCost whole = cost("linear", "mb32ic512oc1000");
  const TrainingCost lora = partly("linear", "mb32ic512oc1000", {.rank = 4});
  const std::int64_t small = 32 * 4 * (512 + 1000);
  EXPECT_EQ(lora.macs.forward, whole.macs.forward + small);
  EXPECT_EQ(lora.macs.backward_data, whole.macs.backward_data + small);
  EXPECT_EQ(lora.macs.backward_weights, small);
  EXPECT_EQ(lora.trained, 4 * (512 + 1000));
  EXPECT_EQ(lora.parameters, 513'000 + lora.trained);
  const auto exact = [](std::int64_t sums, std::int64_t terms) { return sums * (2 * terms - 1); };
  EXPECT_EQ(lora.flops.forward,
            whole.flops.forward + exact(32 * 4, 512) + exact(32 * 1000, 4) + 2 * 32 * 1000);
}

// Adapters of q and v alone: 2 of 4 projections.
TEST(PartialTraining, LoraOfNamedParts) {
  const TrainingCost lora = partly("attention", "mb1l4e8h2bias0", {.rank = 2, .only = {"q", "v"}});
  EXPECT_EQ(lora.trained, 2 * 2 * (8 + 8));
  EXPECT_EQ(lora.macs.backward_weights, 2 * 4 * 2 * (8 + 8));
  EXPECT_THROW(partly("attention", "mb1l4e8h2", {.rank = 2, .only = {"w"}}), BadInput);
  EXPECT_THROW(partly("relu", "mb1ic8", {.rank = 2}), BadInput);
}

// The second of two layers is trained: nothing asks for a gradient of the first.
TEST(PartialTraining, NothingInFrontOfTheFirstTrainedLayerHasAGradient) {
  const AnyLayer& linear = find_layer("linear");
  const std::vector<Listed> layers{{parse_problem(linear, "mb32ic128oc64")},
                                   {parse_problem(linear, "mb32ic64oc32")},
                                   {parse_problem(linear, "mb32ic32oc10")}};
  const Network network = listed_network("mlp", layers);
  const std::string second = network.nodes()[1].label;
  const PassCosts macs = training_cost(network, Trained{.only = {second}}).macs;
  EXPECT_EQ(macs.backward_weights, 32 * 64 * 32);
  EXPECT_EQ(macs.backward_data, 32 * 32 * 10);  // of the third alone
  const PassCosts all = training_cost(network, Trained{}).macs;
  expect_equal(all, training_cost(network).macs);
}

}  // namespace
}  // namespace flopmeter
