// Small networks from files: what is fused, what runs, and whether it is right.
#include "models/chain/chain.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "kernels/agreement.h"
#include "kernels/bad_input.h"
#include "models/chain/alone.h"
#include "models/chain/chain_run.h"
#include "models/chain/random_numbers.h"
#include "models/chain/rules.h"
#include "models/chain/truth.h"
#include "models/testing/chain_difference.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Numbers that a layer would not have by chance.
Message drawn(std::string_view name, const Sizes& dims, double low = -0.5, double high = 0.5) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    count *= dim;
  }
  return reals(name, dims, random_numbers(name, 7, count, {low, high}));
}

Message conv(const std::string& x, const std::string& w, const std::string& y,
             const Names& bias = {}) {
  Names inputs{x, w};
  inputs.insert(inputs.end(), bias.begin(), bias.end());
  return node("Conv", inputs, {y}, {attribute("pads", Sizes{1, 1, 1, 1})});
}

/// The file that the writer makes, read; it stays as long as this.
class Read {
 public:
  explicit Read(const GraphParts& parts)
      : file_(model(parts)), read_(read_network(file_.path(), {})) {}
  const NetworkFile& operator*() const { return read_; }
  const NetworkFile* operator->() const { return &read_; }

 private:
  TemporaryFile file_;
  NetworkFile read_;
};

/// conv, batch norm, relu, a residual block, pooling and a product.
GraphParts residual() {
  return {
      .nodes = {conv("x", "w1", "c1"),
                node("BatchNormalization", {"c1", "scale", "shift", "mean", "variance"}, {"n1"}),
                node("Relu", {"n1"}, {"r1"}), conv("r1", "w2", "c2", {"b2"}),
                node("Add", {"c2", "r1"}, {"s2"}), node("Relu", {"s2"}, {"r2"}),
                node("GlobalAveragePool", {"r2"}, {"p"}), node("Flatten", {"p"}, {"f"}),
                node("Gemm", {"f", "w3", "b3"}, {"y"}, {attribute("transB", 1)})},
      .inputs = {value("x", "2x3x9x9")},
      .outputs = {value("y", "2x5")},
      .initializers = {drawn("w1", {8, 3, 3, 3}), drawn("scale", {8}, 0.5, 1.5),
                       drawn("shift", {8}), drawn("mean", {8}), drawn("variance", {8}, 0.5, 1.5),
                       drawn("w2", {8, 8, 3, 3}), drawn("b2", {8}), drawn("w3", {5, 8}),
                       drawn("b3", {5})}};
}

TEST(Chain, FoldsAndFusesAConvolutionalNetwork) {
  const Read file(residual());
  const Chain chain = make_chain(*file, Dtype::f32);
  ASSERT_EQ(chain.nodes.size(), 4U);
  EXPECT_THAT(chain.nodes[0].fused, ElementsAre("c1", "n1", "r1"));
  EXPECT_THAT(chain.nodes[0].rules, ElementsAre("batch norm", "activation"));
  EXPECT_THAT(chain.nodes[1].fused, ElementsAre("c2", "s2", "r2"));
  EXPECT_THAT(chain.nodes[1].after, ElementsAre("add", "relu"));
  EXPECT_THAT(chain.nodes[3].fused, ElementsAre("y"));
  EXPECT_EQ(chain.nodes[0].weight_bytes, (8 * 3 * 9 + 8) * 4);
  EXPECT_EQ(chain.nodes[1].read_bytes, 2 * 8 * 81 * 4) << "the summand is the source: once";
}

TEST(Chain, ComputesWhatTheFileSays) {
  const Read file(residual());
  EXPECT_THAT(difference(*file), IsEmpty());
  EXPECT_THAT(difference(*file, Dtype::f32, 2), IsEmpty());
  EXPECT_FALSE(file->random_weights);
}

// oneDNN 2.6.3 does a second function of a kind with the parameters of the first.
TEST(Chain, DoesTwoFunctionsOfAKindEachWithItsOwnParameters) {
  const auto twice = [](const Message& layer, const std::string& first, const std::string& second) {
    const GraphParts parts{
        .nodes = {layer, node("Clip", {"c", "a", "b"}, {"d"}), node(first, {"d"}, {"e"}),
                  node(second, {"e"}, {"f"}), node("Clip", {"f", "", "low"}, {"y"})},
        .inputs = {value("x", "1x8x6x6"), value("x2", "4x8")},
        .outputs = {value("y", "")},
        .initializers = {drawn("w", {8, 8, 3, 3}), drawn("v", {8, 8}), reals("a", {}, {-0.5}),
                         reals("b", {}, {0.5}), reals("low", {}, {0.2F})}};
    return difference(*Read(parts));
  };
  for (const auto& layer : {conv("x", "w", "c"), node("MatMul", {"x2", "v"}, {"c"})}) {
    EXPECT_THAT(twice(layer, "Identity", "Identity"), IsEmpty());
    EXPECT_THAT(twice(layer, "LeakyRelu", "Relu"), IsEmpty());
  }
}

// Axes in another order than the layer's, sums over axes of one operand, one operand, three.
TEST(Chain, EinsumDoesWhatItsEquationSays) {
  const auto result = [](const std::string& equation, const std::vector<std::string>& dims) {
    GraphParts parts{.nodes = {}, .inputs = {}, .outputs = {value("y", "")}, .initializers = {}};
    Names names;
    ModelOptions options;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      names.push_back(std::string(1, static_cast<char>('a' + i)));
      parts.inputs.push_back(value(names.back(), dims[i]));
      std::vector<double> numbers;
      for (int k = 0; k < 6; ++k) {
        numbers.push_back(static_cast<double>(k) + 10 * static_cast<double>(i));
      }
      options.inputs[names.back()] = {"numbers", std::nullopt, numbers};
    }
    parts.nodes.push_back(node("Einsum", names, {"y"}, {text_attribute("equation", equation)}));
    const TemporaryFile written(model(parts));
    return evaluate(read_network(written.path(), options), Dtype::f32).front().values;
  };
  // a is 0 1 2 / 3 4 5, b is 10 .. 15 and c 20 .. 25 in the dimensions that stand there.
  EXPECT_THAT(result("ij,jk->ki", {"2x3", "3x2"}), ElementsAre(40, 148, 43, 160));
  EXPECT_THAT(result("ji,jk->ik", {"2x3", "2x3"}), ElementsAre(39, 42, 45, 62, 67, 72, 85, 92, 99));
  EXPECT_THAT(result("ij,kl->ki", {"2x3", "2x3"}), ElementsAre(99, 396, 126, 504));
  EXPECT_THAT(result("ij->ji", {"2x3"}), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(result("ij->j", {"2x3"}), ElementsAre(3, 5, 7));
  EXPECT_THAT(result("i,i,i->", {"6", "6", "6"}), ElementsAre(4875));
  EXPECT_THAT(result("...i,...i->...", {"2x3", "2x3"}), ElementsAre(35, 170));
}

TEST(Chain, SaysWhichTypesOfTheFileItDoesNotRoundTo) {
  constexpr int f16 = 10;
  const GraphParts parts{
      .nodes = {node("Cast", {"x"}, {"h"}, {attribute("to", f16)}), node("Relu", {"h"}, {"y"})},
      .inputs = {value("x", "2x3")},
      .outputs = {value("y", "2x3", f16)}};
  EXPECT_THAT(Read(parts)->remarks, ElementsAre(HasSubstr("numbers of float16")));
}

// A result under several names, and an input that is one.
TEST(Chain, EveryResultOfTheFileIsThereUnderItsName) {
  const GraphParts parts{
      .nodes = {node("Relu", {"x"}, {"y"}), node("Identity", {"y"}, {"z"}),
                node("Unsqueeze", {"y", "axes"}, {"u"})},
      .inputs = {value("x", "2x3")},
      .outputs = {value("y", "2x3"), value("z", "2x3"), value("x", "2x3"), value("u", "1x2x3")},
      .initializers = {integers("axes", {1}, {0})}};
  const Read file(parts);
  std::vector<std::string> names;
  for (const NamedResult& one : file->results) {
    names.push_back(one.name);
    EXPECT_EQ(one.dims.size(), one.name == "u" ? 3U : 2U);
    EXPECT_EQ(file->network.tensors()[one.tensor].lifetime, Lifetime::output);
  }
  EXPECT_THAT(names, ElementsAre("y", "z", "x", "u"));
  EXPECT_THAT(difference(*file), IsEmpty());
}

// A summand that others read later, one that is an input, and a sum of sums, each written over the other.
TEST(Chain, SumsLeaveWhatOthersRead) {
  const GraphParts parts{
      .nodes = {conv("x", "w", "a"), conv("a", "w", "b"), node("Add", {"b", "x"}, {"c"}),
                conv("c", "w", "d"), node("Add", {"d", "a"}, {"e"}), conv("e", "w", "f"),
                node("Add", {"f", "e"}, {"g"}), conv("g", "w", "h"), node("Add", {"h", "c"}, {"i"}),
                node("Mul", {"i", "c"}, {"y"})},
      .inputs = {value("x", "1x8x6x6")},
      .outputs = {value("y", "1x8x6x6")},
      .initializers = {drawn("w", {8, 8, 3, 3}, -0.2, 0.2)}};
  const Read file(parts);
  EXPECT_EQ(make_chain(*file, Dtype::f32).nodes.size(), 6U);
  EXPECT_THAT(difference(*file), IsEmpty());
}

/// Gelu and layer norm as exporters write them, and bounds of a clip that no layer has built in.
GraphParts transformer_parts(float epsilon) {
  return {.nodes = {node("MatMul", {"x", "w1"}, {"m"}), node("Add", {"b1", "m"}, {"h"}),
                    node("Div", {"h", "root2"}, {"g1"}), node("Erf", {"g1"}, {"g2"}),
                    node("Add", {"g2", "one"}, {"g3"}), node("Mul", {"h", "g3"}, {"g4"}),
                    node("Mul", {"g4", "half"}, {"g5"}), node("MatMul", {"g5", "w2"}, {"o"}),
                    node("Add", {"o", "x"}, {"s"}),
                    node("ReduceMean", {"s"}, {"mean"}, {attribute("axes", Sizes{-1})}),
                    node("Sub", {"s", "mean"}, {"centred"}), node("Pow", {"centred", "two"}, {"q"}),
                    node("ReduceMean", {"q"}, {"variance"}, {attribute("axes", Sizes{-1})}),
                    node("Add", {"variance", "epsilon"}, {"safe"}),
                    node("Sqrt", {"safe"}, {"root"}), node("Div", {"centred", "root"}, {"normal"}),
                    node("Mul", {"normal", "scale"}, {"scaled"}),
                    node("Add", {"scaled", "shift"}, {"shifted"}),
                    node("Clip", {"shifted", "low", "high"}, {"y"})},
          .inputs = {value("x", "1x4x8")},
          .outputs = {value("y", "1x4x8")},
          .initializers = {drawn("w1", {8, 16}), drawn("b1", {16}), drawn("w2", {16, 8}),
                           drawn("scale", {8}, 0.5, 1.5), drawn("shift", {8}),
                           reals("root2", {}, {1.41421356F}), reals("one", {}, {1}),
                           reals("half", {}, {0.5F}), reals("two", {}, {2}),
                           reals("epsilon", {}, {epsilon}), reals("low", {}, {-0.7F}),
                           reals("high", {}, {0.9F})}};
}

TEST(Chain, RecognisesFunctionsThatAreTakenApart) {
  const Read file(transformer_parts(1e-5F));
  const Chain chain = make_chain(*file, Dtype::f32);
  ASSERT_EQ(chain.nodes.size(), 4U);
  EXPECT_THAT(chain.nodes[0].rules, ElementsAre("bias", "gelu", "activation"));
  EXPECT_THAT(chain.nodes[1].rules, ElementsAre("sum"));
  EXPECT_EQ(chain.nodes[2].layer->name, "layernorm");
  EXPECT_EQ(chain.nodes[2].fused.size(), 9U);
  EXPECT_THAT(difference(*file), IsEmpty());
}

// The layer's own epsilon would be wrong by a quarter.
TEST(Chain, TakesTheEpsilonOfTheFile) {
  const Read file(transformer_parts(0.5F));
  EXPECT_THAT(make_chain(*file, Dtype::f32).nodes[2].after, ElementsAre("epsilon 0.5"));
  EXPECT_THAT(difference(*file), IsEmpty());
}

// Every activation of an OCR network is written like this.
TEST(Chain, RecognisesAHardSwishThatIsTakenApart) {
  const auto parts = [](bool divided_first) {
    const std::string middle = divided_first ? "Div" : "Mul";
    const std::string last = divided_first ? "Mul" : "Div";
    return GraphParts{.nodes = {conv("x", "w", "c"), node("Add", {"c", "three"}, {"p"}),
                                node("Clip", {"p", "zero", "six"}, {"q"}),
                                node(middle, {"q", divided_first ? "six" : "c"}, {"r"}),
                                node(last, {"r", divided_first ? "c" : "six"}, {"y"})},
                      .inputs = {value("x", "1x4x5x5")},
                      .outputs = {value("y", "1x4x5x5")},
                      .initializers = {drawn("w", {4, 4, 3, 3}), reals("zero", {}, {0}),
                                       reals("three", {}, {3}), reals("six", {}, {6})}};
  };
  for (const bool divided_first : {false, true}) {
    const Read file(parts(divided_first));
    const Chain chain = make_chain(*file, Dtype::f32);
    ASSERT_EQ(chain.nodes.size(), 1U);
    EXPECT_THAT(chain.nodes[0].after, ElementsAre("hardswish"));
    EXPECT_THAT(difference(*file), IsEmpty());
  }
}

// A bias as large as the result that is an input, and read by nobody before.
TEST(Chain, SumsWithAnInputThatNobodyHasRead) {
  const Read file({.nodes = {node("MatMul", {"x", "w"}, {"p"}), node("Add", {"p", "c"}, {"y"})},
                   .inputs = {value("x", "3x6"), value("c", "3x4")},
                   .outputs = {value("y", "3x4")},
                   .initializers = {drawn("w", {6, 4})}});
  EXPECT_EQ(make_chain(*file, Dtype::f32).nodes.size(), 1U);
  EXPECT_THAT(difference(*file), IsEmpty());
}

TEST(Chain, TheCheckFindsAWrongNumber) {
  const Read file(residual());
  const Chain chain = make_chain(*file, Dtype::f32);
  ChainRun run(chain, Dtype::f32, 1);
  run.run();
  const TrueResult truth = evaluate(*file, Dtype::f32).front();
  std::vector<float> got = run.result("y");
  EXPECT_TRUE(check_agreement(got, truth.values, {truth.absolute, 0}).passed);
  got[3] += static_cast<float>(1e-3 * truth.largest);
  EXPECT_FALSE(check_agreement(got, truth.values, {truth.absolute, 0}).passed);
}

std::string refusal(const GraphParts& parts) {
  try {
    const Read file(parts);
    difference(*file);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Chain, NamesTheNodeThatCannotRun) {
  EXPECT_THAT(refusal({.nodes = {node("Unique", {"x"}, {"y"})},
                       .inputs = {value("x", "2x3")},
                       .outputs = {value("y", "n")}}),
              HasSubstr("node 'y' (Unique) cannot run"));
}

Message whole(std::string_view name, const Sizes& dims, const Sizes& values) {
  return integers(name, dims, values);
}

// 16777217 is 16777216 in f32.
TEST(Chain, RefusesIntegersThatF32CannotTellApart) {
  const auto parts = [](std::int64_t factor) {
    return GraphParts{.nodes = {node("Mul", {"ids", "factor"}, {"product"}, {}, "hash"),
                                node("Cast", {"product"}, {"y"}, {attribute("to", 1)})},
                      .inputs = {value("ids", "1x4", 7)},
                      .outputs = {value("y", "1x4")},
                      .initializers = {whole("factor", {1}, {factor})}};
  };
  EXPECT_EQ(refusal(parts(1000)), "accepted");
  EXPECT_THAT(refusal(parts(16777217)),
              HasSubstr("node 'hash' (Mul) cannot run: 'factor' holds 16777216"));
  GraphParts twice = parts(5000);
  twice.nodes.insert(twice.nodes.begin() + 1, node("Mul", {"product", "product"}, {"square"}));
  twice.nodes.back() = node("Cast", {"square"}, {"y"}, {attribute("to", 1)});
  EXPECT_THAT(refusal(twice), HasSubstr("node 'square' (mul) cannot run: 'y' comes to 25000000"));
}

TEST(Chain, ResultsHaveTheNamesOfTheFile) {
  const GraphParts parts{
      .nodes = {node("Relu", {"x"}, {"r"}), node("Reshape", {"r", "dims"}, {"y"}),
                node("Identity", {"x"}, {"same"})},
      .inputs = {value("x", "2x3")},
      .outputs = {value("y", "6"), value("same", "2x3")},
      .initializers = {whole("dims", {1}, {6})}};
  const Read file(parts);
  std::vector<std::string> names;
  for (const TrueResult& one : evaluate(*file, Dtype::f32)) {
    names.push_back(one.name);
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("y", "same"));
  EXPECT_THAT(difference(*file), IsEmpty());
}

TEST(Chain, ANodeAloneIsThatNode) {
  const Read file(residual());
  const Chain chain = make_chain(*file, Dtype::f32);
  const Chain one = alone(chain, 1);
  ASSERT_EQ(one.nodes.size(), 1U);
  EXPECT_EQ(one.nodes[0].name, "c2");
  ChainRun run(one, Dtype::f32, 1);
  run.run();
  EXPECT_EQ(run.result("r2").size(), 2U * 8 * 81);
}

TEST(Chain, ThePageHasTheTableOfRules) {
  std::ifstream file("docs/networks.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(page, HasSubstr("-->\n" + rules_markdown() + "<!-- end of rules -->"))
      << "write this into docs/networks.md:\n"
      << rules_markdown();
}

}  // namespace
}  // namespace flopmeter::models
