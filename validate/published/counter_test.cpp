// The table: complete, and what it says of passes.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "kernels/bad_input.h"
#include "kernels/network/listing.h"
#include "validate/published/print.h"

namespace flopmeter::published {
namespace {

Network network_of(const Problem& problem) {
  const Listed only{problem};
  return listed_network("layer", {&only, 1});
}

Network network_of(std::string_view layer, std::string_view shape) {
  return network_of(parse_problem(find_layer(layer), shape));
}

// Every layer of the build has its place in every counter: a rule, or parts that have.
class PublishedRules : public testing::TestWithParam<std::string_view> {};

TEST_P(PublishedRules, FitTheLayer) {
  if (!table().readings.contains(GetParam())) {
    GTEST_SKIP() << "published/counters.json says nothing of " << GetParam();
  }
  const std::vector<Problem> problems = default_problems(find_layer(GetParam()));
  for (const Problem* problem : {&problems.front(), &problems.back()}) {
    const Network network = network_of(*problem);
    for (const Counter& counter : table().counters) {
      for (const Quantity& quantity : counter.prints) {
        const Printed printed = print(table(), counter, quantity, network);
        EXPECT_TRUE(printed.value.has_value() || printed.failure.starts_with("fails: "))
            << counter.name << ": " << printed.failure;
      }
    }
  }
}

// What the module of a layer cannot be has no number, which would be of another layer.
TEST(PublishedCounters, HaveNoRuleForWhatAModuleCannotBe) {
  const auto failure = [](std::string_view layer, std::string_view shape) {
    const Counter& counter = table().counter("thop");
    return print(table(), counter, counter.prints.front(), network_of(layer, shape)).failure;
  };
  using testing::HasSubstr;
  EXPECT_EQ(failure("lstm", "t3mb2slc4dhc5"), "");
  EXPECT_THAT(failure("lstm", "t3mb2slc4dhc5vectors1"), HasSubstr("two bias vectors"));
  EXPECT_EQ(failure("lstm", "t3mb2slc4dhc5vectors2bias0"), "");
  EXPECT_THAT(failure("gru", "t3mb2slc4dhc5tokens4"), HasSubstr("packed sequences"));
  EXPECT_THAT(failure("rnn", "l2t3mb2slc4dhc5dir2join1"), HasSubstr("meet below each layer"));
  EXPECT_THAT(failure("sdpa", "mb1h2lq4d8softcap2"), HasSubstr("no soft cap"));
  EXPECT_THAT(failure("attention", "mb1l4e8h2d6sink1"), HasSubstr("no sink"));
  EXPECT_THAT(failure("avg_pool", "mb1ic1iw5kw2dw1"), HasSubstr("no gaps"));
}

std::vector<std::string_view> names_of_layers() {
  std::vector<std::string_view> names;
  for (const AnyLayer& layer : layers()) {
    names.push_back(layer.name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, PublishedRules, testing::ValuesIn(names_of_layers()),
                         [](const auto& layer) { return std::string(layer.param); });

// Also for layers that this build lacks, as far as that can be said without their fields.
TEST(PublishedCounters, HaveARuleForEveryReading) {
  for (const Counter& counter : table().counters) {
    std::set<std::string> known;
    for (const Rule& rule : counter.rules) {
      EXPECT_FALSE(rule.source.empty());
      EXPECT_TRUE(!rule.formulas.empty() || !rule.fails.empty()) << counter.name;
      known.insert(rule.layers.begin(), rule.layers.end());
    }
    for (const auto& [layer, reading] : table().readings) {
      EXPECT_TRUE(known.contains(layer) || !reading.parts.empty()) << counter.name << " " << layer;
    }
    for (const std::string& layer : known) {
      EXPECT_TRUE(table().readings.contains(layer)) << counter.name << " " << layer;
    }
  }
}

TEST(PublishedCounters, NameWhatIsUnknown) {
  EXPECT_THROW(table().counter("flopco"), BadInput);
  EXPECT_THROW(read_table("{", "x.json"), BadInput);
  EXPECT_THROW(read_table(R"({"symbols": [], "groups": {}, "layers": [{"layer": 1}]})", "x.json"),
               BadInput);
}

// A depthwise convolution of MobileNetV2 has 903 168 MACs in each pass; its weight gradient is
// counted for each of the 32 groups as if it had all channels.
TEST(PublishedPasses, GroupsOfTheWeightGradientAreIgnoredByTorch) {
  const Network network = network_of("conv2d", "g32mb1ic32ih56oc32oh56kh3ph1");
  const Counter& torch = table().counter("torch");
  const auto flops = [&](Pass pass) {
    return print(table(), torch, torch.prints[0], network, pass).value;
  };
  EXPECT_EQ(flops(Pass::forward), 2 * 903168);
  EXPECT_EQ(flops(Pass::backward_data), 2 * 903168);
  EXPECT_EQ(flops(Pass::backward_weights), 32 * 2 * 903168);
  const Counter& thop = table().counter("thop");
  EXPECT_EQ(print(table(), thop, thop.prints[0], network, Pass::backward_data).failure,
            "counts the forward pass only");
}

// Printed by torch.utils.flop_counter's rules for mm, addmm, bmm and baddbmm when PyTorch 1.13 ran
// the backward pass: the initial state asks for no gradient, nor does what is no product.
TEST(PublishedPasses, TorchCountsTheProductsOfTheBackwardPass) {
  const Counter& torch = table().counter("torch");
  const auto flops = [&](std::string_view layer, std::string_view shape, Pass pass) {
    const Network network = network_of(layer, shape);
    return print(table(), torch, torch.prints[0], network, pass).value.value();
  };
  const auto backward = [&](std::string_view layer, std::string_view shape) {
    return flops(layer, shape, Pass::backward_data) + flops(layer, shape, Pass::backward_weights);
  };
  EXPECT_EQ(backward("matmul", "3x4x5:1x5x6"), 1440);
  EXPECT_EQ(backward("rnn", "l2t4mb3slc5dhc6dir2"), 15840);
  EXPECT_EQ(backward("gru", "l2t4mb3slc5dhc6dir2"), 47520);
  EXPECT_EQ(backward("lstm", "l2t4mb3slc5dhc6dic4dir2"), 50688);
  EXPECT_EQ(flops("lstm", "l2t4mb3slc5dhc6dic4dir2", Pass::forward), 26496);
  EXPECT_EQ(backward("lstm", "l2t4mb3slc5dhc6dir2"), 0);
  EXPECT_EQ(backward("attention", "mb3l4e6h2"), 9216);
  EXPECT_EQ(flops("relu", "mb3ic4", Pass::backward_data), 0);
}

// "exact" beside a note about groups, of which there are none, was a contradiction.
TEST(PublishedNotes, AreSaidWhereTheyApply) {
  const auto notes = [](std::string_view counter, std::string_view shape) {
    const Network network = network_of("conv_transpose2d", shape);
    const Counter& one = table().counter(counter);
    return print(table(), one, one.prints.front(), network).notes();
  };
  EXPECT_EQ(notes("torch", "mb1ic3ih2oc1oh4kh2sh2ph0"), "");
  EXPECT_THAT(notes("torch", "g2mb1ic4ih2oc2oh4kh2sh2ph0"), testing::HasSubstr("groups are"));
  EXPECT_EQ(notes("deepspeed", "mb1ic3ih2oc1oh4kh2sh2ph0bias0"), "");
  EXPECT_THAT(notes("deepspeed", "mb1ic3ih2oc1oh4kh2sh2ph0"), testing::HasSubstr("bias counted"));
  EXPECT_EQ(notes("thop", "mb1ic3ih4oc1oh4kh1sh1ph0bias0"), "");
}

}  // namespace
}  // namespace flopmeter::published
