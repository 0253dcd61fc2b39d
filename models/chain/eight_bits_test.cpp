// Networks in 8-bit integers: which nodes, which steps, and whether they do what the integers say.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "models/chain/chain_run.h"
#include "models/chain/eight_bit_truth.h"
#include "models/chain/quantize.h"
#include "models/chain/random_numbers.h"
#include "models/chain/truth.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Message random_reals(std::string_view name, const Sizes& dims, double bound) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    count *= dim;
  }
  return reals(name, dims, random_numbers(name, 7, count, {-bound, bound}));
}

NetworkFile read_parts(const GraphParts& parts, std::deque<TemporaryFile>& files) {
  return read_network(files.emplace_back(model(parts)).path(), {});
}

/// Convolutions with a residual sum, one by groups, pooling, a product: 5 nodes, 4 of them in 8 bits.
GraphParts small_network() {
  const auto pads = [] { return attribute("pads", Sizes{1, 1, 1, 1}); };
  return {.nodes = {node("Conv", {"x", "w1"}, {"c1"}, {pads()}), node("Relu", {"c1"}, {"r1"}),
                    node("Conv", {"r1", "w2", "b2"}, {"c2"}, {pads()}),
                    node("Add", {"c2", "r1"}, {"s"}), node("Relu", {"s"}, {"r2"}),
                    node("Conv", {"r2", "w3"}, {"c3"}, {pads(), attribute("group", 4)}),
                    node("GlobalAveragePool", {"c3"}, {"p"}), node("Flatten", {"p"}, {"f"}),
                    node("Gemm", {"f", "w4", "b4"}, {"y"}, {attribute("transB", 1)})},
          .inputs = {value("x", "2x3x9x9")},
          .outputs = {value("y", "2x5")},
          .initializers = {random_reals("w1", {16, 3, 3, 3}, 0.5),
                           random_reals("w2", {16, 16, 3, 3}, 0.2), random_reals("b2", {16}, 0.5),
                           random_reals("w3", {16, 4, 3, 3}, 0.3), random_reals("w4", {5, 16}, 0.5),
                           random_reals("b4", {5}, 0.5)}};
}

TEST(EightBits, StepsOfWeightsAreFound) {
  const std::vector<float> weights{0.5F, -0.25F, 1.0F, 0, 0, 0, 3 * 0.1F, -7 * 0.1F, 0.1F};
  const std::vector<float> steps = exact_steps(weights, 3);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_FLOAT_EQ(steps[0], 0.25F);
  EXPECT_FLOAT_EQ(steps[1], 1);
  EXPECT_FLOAT_EQ(steps[2], 0.1F);
  EXPECT_THAT(exact_steps(std::vector<float>{1, 0.123456F, 0.0314159F}, 1), IsEmpty());
}

TEST(EightBits, CodesRoundToEvenAndAreCut) {
  const EightBits bytes{.src_step = 0.5F};
  EXPECT_EQ(src_code(bytes, 0.25F), 0);
  EXPECT_EQ(src_code(bytes, 0.75F), 2);
  EXPECT_EQ(src_code(bytes, -3), 0);
  EXPECT_EQ(src_code(bytes, 1000), 255);
  const EightBits with_sign{.src_step = 0.5F, .src_signed = true};
  EXPECT_EQ(src_code(with_sign, -1000), -128);
  EXPECT_EQ(src_code(with_sign, 1000), 127);
}

class QuantizedNetwork : public ::testing::Test {
 protected:
  QuantizedNetwork()
      : file(read_parts(small_network(), files)), chain(make_chain(file, Dtype::s8)) {
    quantize(chain, calibrate(chain, 1));
  }

  std::deque<TemporaryFile> files;
  NetworkFile file;
  Chain chain;
};

TEST_F(QuantizedNetwork, WeightsAreMultiplesOfTheirSteps) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
    const Node& node = chain.network.nodes()[i];
    if (chain.eight_bits[i] == nullptr) {
      EXPECT_EQ(node.layer->name, "adaptive_avg_pool");
      EXPECT_EQ(chain.nodes[i].dtype, Dtype::f32);
      continue;
    }
    ++number;
    EXPECT_EQ(chain.nodes[i].dtype, Dtype::s8);
    const auto edge = std::ranges::find(node.edges, "weights", &Edge::operand);
    const std::vector<float> weights = chain.numbers[edge->tensor]();
    EXPECT_TRUE(codes_fit(weights, *chain.eight_bits[i])) << node.label;
    EXPECT_EQ(chain.eight_bits[i]->weight_steps.size(), node.label == "y" ? 5U : 16U);
  }
  EXPECT_EQ(number, 4U);
  EXPECT_TRUE(chain.eight_bits[0]->src_signed) << "inputs are drawn from -1 to 1";
  EXPECT_FALSE(chain.eight_bits[1]->src_signed) << "behind a relu";
}

// Prevents a wrong step, code or sum from passing as rounding: less than one code is allowed.
// A factor of the result and its step in 8 bits would be two of a kind.
TEST(EightBits, ResultsBehindAFactorStayReal) {
  const GraphParts parts{
      .nodes = {node("MatMul", {"x", "w"}, {"m"}), node("Mul", {"m", "s"}, {"t"}),
                node("Relu", {"t"}, {"r"}), node("MatMul", {"r", "v"}, {"y"})},
      .inputs = {value("x", "4x16")},
      .outputs = {value("y", "4x8")},
      .initializers = {random_reals("w", {16, 16}, 0.5), random_reals("v", {16, 8}, 0.5),
                       reals("s", {}, {0.37F})}};
  std::deque<TemporaryFile> files;
  Chain chain = make_chain(read_parts(parts, files), Dtype::s8);
  quantize(chain, calibrate(chain, 1));
  ASSERT_EQ(chain.nodes.size(), 2U);
  EXPECT_THAT(chain.nodes[0].after, ElementsAre("scale 0.37", "relu"));
  EXPECT_FALSE(chain.eight_bits[0]->dst.has_value());
  for (const EightBitNode& node : check_eight_bits(chain, 1).nodes) {
    EXPECT_TRUE(node.agrees) << node.name << ": " << node.reason;
  }
}

TEST_F(QuantizedNetwork, EveryNodeDoesWhatTheIntegersSay) {
  const EightBitRun checked = check_eight_bits(chain, 1);
  ChainRun run(chain, Dtype::s8, 1);
  std::size_t in_eight_bits = 0;
  for (const ChainPart& part : run.parts()) {
    in_eight_bits += !part.reorder && part.dtype == Dtype::s8 ? 1 : 0;
  }
  if (in_eight_bits == 0) {
    GTEST_SKIP() << "nothing runs in 8 bits here";
  }
  EXPECT_EQ(checked.nodes.size(), in_eight_bits);
  std::size_t at = 0;
  for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
    if (at == checked.nodes.size() || chain.eight_bits[i] == nullptr ||
        chain.nodes[i].name != checked.nodes[at].name) {
      continue;
    }
    const EightBitNode& node = checked.nodes[at++];
    EXPECT_TRUE(node.agrees) << node.name << ": " << node.reason;
    const EightBits& steps = *chain.eight_bits[i];
    const double rounded = steps.dst ? steps.dst->step / 2 : 0;
    EXPECT_LT(node.tolerance - rounded, steps.src_step * 127 * steps.weight_steps[0]) << node.name;
  }
  EXPECT_EQ(at, in_eight_bits);
  run.run();
  run.run();
  EXPECT_EQ(run.result("y"), checked.results.at(0).second);
}

// oneDNN 3.7.2 has no 8-bit convolution from 3 channels: what that one writes in f32 is added as codes by the next.
TEST_F(QuantizedNetwork, ASummandWrittenInRealNumbersIsAddedAsCodes) {
  ASSERT_EQ(chain.nodes[0].name, "c1");
  ASSERT_TRUE(chain.eight_bits[1]->summand);
  chain.nodes[0].dtype = Dtype::f32;
  chain.eight_bits[0] = nullptr;
  const EightBitRun checked = check_eight_bits(chain, 1);
  if (checked.nodes.empty() || checked.nodes[0].name != "c2") {
    GTEST_SKIP() << "c2 does not run in 8 bits here";
  }
  for (const EightBitNode& node : checked.nodes) {
    EXPECT_TRUE(node.agrees) << node.name << ": " << node.reason;
  }
}

TEST_F(QuantizedNetwork, ComesNearTheNetworkInRealNumbers) {
  ChainRun run(chain, Dtype::s8, 1);
  run.run();
  const std::vector<float> got = run.result("y");
  const TrueResult truth = evaluate(file, Dtype::f32).at(0);
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], truth.values[i], 0.05 * truth.largest) << i;
  }
}

/// ONNX's numbers for u8 and s8.
enum class Small : std::uint64_t { u8 = 2, s8 = 3 };

Message integers_of(std::string_view name, const Sizes& dims, Small type,
                    const std::vector<std::int64_t>& numbers) {
  Message m;
  for (const std::int64_t dim : dims) {
    m.number(1, static_cast<std::uint64_t>(dim));
  }
  std::string raw;
  for (const std::int64_t number : numbers) {
    raw += static_cast<char>(number);
  }
  return m.number(2, static_cast<std::uint64_t>(type)).text(8, name).text(9, raw);
}

/// A convolution whose source and weights went through 8-bit integers; a relu, the same again, and a sum that
/// reads what the second convolution's source was rounded to.
GraphParts with_steps(std::int64_t zero) {
  std::vector<std::int64_t> codes;
  for (int i = 0; i < 8 * 8 * 9; ++i) {
    codes.push_back((i * 37) % 127 - 63);
  }
  const auto pads = [] { return attribute("pads", Sizes{1, 1, 1, 1}); };
  const auto pair = [](const std::string& x, const std::string& y, const Names& steps) {
    return std::vector<Message>{node("QuantizeLinear", {x, steps[0], steps[1]}, {y + "q"}),
                                node("DequantizeLinear", {y + "q", steps[0], steps[1]}, {y})};
  };
  GraphParts parts{
      .nodes = pair("x", "xd", {"sx", "zx"}),
      .inputs = {value("x", "1x8x6x6")},
      .outputs = {value("y", "1x8x6x6")},
      .initializers = {integers_of("w", {8, 8, 3, 3}, Small::s8, codes),
                       reals("sw", {8}, {.01F, .02F, .03F, .04F, .05F, .06F, .07F, .08F}),
                       integers_of("zw", {8}, Small::s8, std::vector<std::int64_t>(8, 0)),
                       reals("sx", {}, {1.0F / 127}), integers_of("zx", {}, Small::u8, {zero}),
                       reals("sr", {}, {0.05F}), integers_of("zr", {}, Small::u8, {0})}};
  parts.nodes.push_back(
      node("DequantizeLinear", {"w", "sw", "zw"}, {"wd"}, {attribute("axis", 0)}));
  parts.nodes.push_back(node("Conv", {"xd", "wd"}, {"c"}, {pads()}));
  parts.nodes.push_back(node("Relu", {"c"}, {"r"}));
  for (Message& one : pair("r", "rd", {"sr", "zr"})) {
    parts.nodes.push_back(std::move(one));
  }
  parts.nodes.push_back(node("Conv", {"rd", "wd"}, {"d"}, {pads()}));
  parts.nodes.push_back(node("Add", {"d", "rd"}, {"y"}));
  return parts;
}

TEST(EightBitSteps, OfAFileBecomeNodesInEightBits) {
  std::deque<TemporaryFile> files;
  const NetworkFile file = read_parts(with_steps(128), files);
  const Chain chain = make_chain(file, Dtype::s8);
  std::vector<std::string> folded;
  for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
    if (chain.eight_bits[i] != nullptr) {
      folded.push_back(chain.nodes[i].name);
      EXPECT_FLOAT_EQ(chain.eight_bits[i]->weight_steps.at(7), 0.08F);
    }
  }
  EXPECT_THAT(folded, ElementsAre("c", "d"));
  EXPECT_TRUE(chain.eight_bits.front()->src_signed);
  EXPECT_FLOAT_EQ(chain.eight_bits.front()->src_step, 1.0F / 127);
  ChainRun run(chain, Dtype::s8, 1);
  if (std::ranges::any_of(run.parts(), [](const ChainPart& part) {
        return part.name == "c" && part.dtype != Dtype::s8;
      })) {
    GTEST_SKIP() << "oneDNN 3.7.2 cannot lay out 8 channels in 8 bits: these nodes run in f32, "
                    "without the file's "
                    "rounding";
  }
  run.run();
  const TrueResult truth = evaluate(file, Dtype::f32).at(0);
  const std::vector<float> got = run.result("y");
  for (std::size_t i = 0; i < got.size(); ++i) {
    // Codes may differ by one here and there: 0.05 times a weight of 5 at the most.
    EXPECT_NEAR(got[i], truth.values[i], 0.3) << i;
  }
  for (const EightBitNode& node : check_eight_bits(chain, 1).nodes) {
    EXPECT_TRUE(node.agrees) << node.name << ": " << node.reason;
  }
}

// Prevents a zero point that no primitive has from being dropped.
TEST(EightBitSteps, AnotherZeroPointStaysInRealNumbers) {
  std::deque<TemporaryFile> files;
  const NetworkFile file = read_parts(with_steps(100), files);
  const Chain chain = make_chain(file, Dtype::s8);
  for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
    EXPECT_EQ(chain.eight_bits[i] != nullptr, chain.nodes[i].name == "d") << chain.nodes[i].name;
  }
}

TEST(EightBitSteps, AreLeftAsTheyAreInOtherTypes) {
  std::deque<TemporaryFile> files;
  const NetworkFile file = read_parts(with_steps(128), files);
  const Chain chain = make_chain(file, Dtype::f32);
  EXPECT_THAT(chain.eight_bits, IsEmpty());
  EXPECT_EQ(std::ranges::count_if(
                chain.nodes, [](const FusedNode& node) { return node.layer->name == "round"; }),
            2);
}

}  // namespace
}  // namespace flopmeter::models
