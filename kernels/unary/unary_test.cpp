#include "kernels/unary/unary.h"

#include <numbers>

#include "kernels/eigen/pieces.h"
#include "kernels/families/table/row_testing.h"

namespace flopmeter::unary {
namespace {

using testing::ElementsAre;

double value(std::string_view function, double x) {
  return rows::outputs(function, "mb1ic1", Pass::forward, {{"src", {x}}})[0];
}

double gradient(std::string_view function, double x, double dy) {
  const AnyLayer& layer = find_layer(function);
  const bool reads_y = layer.operands(layer.parse("mb1ic1"), Pass::backward_data)[0].name == "dst";
  const double read = reads_y ? value(function, x) : x;
  return rows::outputs(function, "mb1ic1", Pass::backward_data,
                       {{reads_y ? "dst" : "src", {read}}, {"diff_dst", {dy}}})[0];
}

/// Of 2 x 3 elements.
OpCounts forward(std::string_view function) {
  return rows::counts(function, "mb2ic3", Pass::forward);
}
OpCounts backward(std::string_view function) {
  return rows::counts(function, "mb2ic3", Pass::backward_data);
}

struct Point {
  std::string_view function;
  double x, y, slope;
};

/// Values from tables of the functions; Phi(1) = 0.841344746, phi(1) = 0.241970725.
constexpr Point points[]{
    {"relu", -2, 0, 0},
    {"relu", 3, 3, 1},
    {"relu6", 7, 6, 0},
    {"relu6", 5, 5, 1},
    {"leaky_relu", 3, 3, 1},
    {"thresholded_relu", 0.2, 0, 0},
    {"thresholded_relu", 0.5, 0.5, 1},
    {"elu", 2, 2, 1},
    {"elu", -1, -0.632120559, 0.367879441},
    {"selu", 1, 1.050700987, 1.050700987},
    {"selu", -1, -1.758099341 * 0.632120559, 1.758099341 * 0.367879441},
    {"celu", 2, 2, 1},
    {"celu", -1, -0.632120559, 0.367879441},
    {"gelu_erf", 0, 0, 0.5},
    {"gelu_erf", 1, 0.841344746, 0.841344746 + 0.241970725},
    {"gelu_erf", -1, 0.841344746 - 1, 1 - 0.841344746 - 0.241970725},
    {"gelu_tanh", 1, 0.841191992, 0.841191992 + 0.267176050 * 0.904916786},
    {"quick_gelu", 1, 0.845795765, 0.845795765 * (1 + 1.702 * 0.154204235)},
    {"silu", 1, 0.731058579, 0.731058579 * (1 + 0.268941421)},
    {"mish", 1, 0.865098388, 1.049036220},
    {"sigmoid", 0, 0.5, 0.25},
    {"sigmoid", 1, 0.731058579, 0.731058579 * 0.268941421},
    {"log_sigmoid", 0, -0.693147181, 0.5},
    {"hardsigmoid", 1, 2.0 / 3, 1.0 / 6},
    {"hardsigmoid", 4, 1, 0},
    {"hardsigmoid", -4, 0, 0},
    {"hardswish", -4, 0, 0},
    {"hardswish", 1, 2.0 / 3, 5.0 / 6},
    {"hardswish", 4, 4, 1},
    {"hardtanh", -2, -1, 0},
    {"hardtanh", 0.5, 0.5, 1},
    {"hardtanh", 1, 1, 0},  // the corners belong to the flat parts, as in PyTorch
    {"clip", 2, 0.5, 0},
    {"tanh", 1, 0.761594156, 0.419974342},
    {"softplus", 0, 0.693147181, 0.5},
    {"softsign", 1, 0.5, 0.25},
    {"softsign", -3, -0.75, 0.0625},
    {"hardshrink", 0.4, 0, 0},
    {"hardshrink", -2, -2, 1},
    {"softshrink", 2, 1.5, 1},
    {"softshrink", -2, -1.5, 1},
    {"softshrink", 0.25, 0, 0},
    {"tanhshrink", 1, 1 - 0.761594156, 1 - 0.419974342},
    {"abs", -3, 3, -1},
    {"neg", 3, -3, -1},
    {"reciprocal", 4, 0.25, -0.0625},
    {"square", -3, 9, -6},
    {"cube", -2, -8, 12},
    {"sqrt", 9, 3, 1.0 / 6},
    {"rsqrt", 4, 0.5, -0.0625},
    {"exp", 1, std::numbers::e, std::numbers::e},
    {"expm1", 1, std::numbers::e - 1, std::numbers::e},
    {"log", 2, 0.693147181, 0.5},
    {"log1p", 1, 0.693147181, 0.5},
    {"log2", 8, 3, 1.442695041 / 8},
    {"sin", 0, 0, 1},
    {"cos", std::numbers::pi / 2, 0, -1},
    {"tan", std::numbers::pi / 4, 1, 2},
    {"asin", 0.5, std::numbers::pi / 6, 1.154700538},
    {"acos", 0.5, std::numbers::pi / 3, -1.154700538},
    {"atan", 1, std::numbers::pi / 4, 0.5},
    {"acosh", 1.25, 0.693147181, 4.0 / 3},
    {"sinh", 1, 1.175201194, 1.543080635},
    {"cosh", 1, 1.543080635, 1.175201194},
    {"asinh", 0.75, 0.693147181, 0.8},
    {"atanh", 0.6, 0.693147181, 1.5625},
    {"erf", 1, 0.842700793, 0.415107497},
    {"affine", 3, 1.75, 0.5},
};

TEST(Unary, ValuesAndSlopes) {
  for (const Point& p : points) {
    EXPECT_NEAR(value(p.function, p.x), p.y, 2e-7) << p.function << " " << p.x;
    EXPECT_NEAR(gradient(p.function, p.x, 2), 2 * p.slope, 1e-6) << p.function << " " << p.x;
  }
  EXPECT_NEAR(value("leaky_relu", -200), -2, 1e-6);
  EXPECT_NEAR(gradient("leaky_relu", -2, 500), 5, 1e-6);
}

// Halves go to even numbers, as in ONNX and IEEE 754.
TEST(Unary, WholeNumbers) {
  EXPECT_THAT(rows::outputs("round", "1x4", Pass::forward, {{"src", {0.5, 1.5, -2.5, 2.6}}}),
              ElementsAre(0, 2, -2, 3));
  EXPECT_EQ(value("floor", -1.5), -2);
  EXPECT_EQ(value("ceil", -1.5), -1);
  EXPECT_EQ(value("trunc", -1.5), -1);
  EXPECT_EQ(value("not", 1), 0);
  EXPECT_EQ(value("not", 0), 1);
  EXPECT_EQ(value("bitwise_not", 0b10100000), 0b01011111);
}

TEST(Unary, OtherTypes) {
  EXPECT_EQ(value("sign", -0.25), -1);
  EXPECT_EQ(value("sign", 0), 0);
  EXPECT_EQ(value("cast", 1.5), 1.5);
  EXPECT_EQ(value("isnan", NAN), 1);
  EXPECT_EQ(value("isinf", -HUGE_VAL), 1);
  EXPECT_EQ(value("isinf", 3), 0);
}

// One max, or one select, an element: nothing that a convention counts as a FLOP. gelu: x/2,
// x / sqrt 2 and their product; 1 + erf. Backward: x / sqrt 2, 1/2 (1 + erf), -1/2 x x,
// exp / sqrt 2 pi, x phi, dy times the sum. mish: exp, 1 + exp, log, tanh and a product.
TEST(Unary, CountsByHand) {
  EXPECT_EQ(forward("relu"), (OpCounts{.comparisons = 6}));
  EXPECT_EQ(backward("relu"), (OpCounts{.comparisons = 6}));
  EXPECT_EQ(forward("leaky_relu"), (OpCounts{.multiplies = 6, .comparisons = 6}));
  EXPECT_EQ(forward("hardswish"), (OpCounts{.multiplies = 12, .adds = 6, .comparisons = 12}));
  EXPECT_EQ(backward("hardswish"), (OpCounts{.multiplies = 12, .adds = 6, .comparisons = 12}));
  EXPECT_EQ(forward("gelu_erf"), (OpCounts{.multiplies = 18, .adds = 6, .erfs = 6}));
  EXPECT_EQ(backward("gelu_erf"),
            (OpCounts{.multiplies = 42, .adds = 12, .exponentials = 6, .erfs = 6}));
  EXPECT_EQ(forward("gelu_tanh"), (OpCounts{.multiplies = 30, .adds = 12, .tanhs = 6}));
  EXPECT_EQ(backward("gelu_tanh"), (OpCounts{.multiplies = 54, .adds = 30, .tanhs = 6}));
  EXPECT_EQ(forward("silu"), (OpCounts{.adds = 6, .divides = 6, .exponentials = 6}));
  EXPECT_EQ(backward("sigmoid"), (OpCounts{.multiplies = 12, .adds = 6}));
  EXPECT_EQ(forward("mish"),
            (OpCounts{.multiplies = 6, .adds = 6, .exponentials = 6, .logarithms = 6, .tanhs = 6}));
  EXPECT_EQ(forward("abs"), OpCounts{});
  EXPECT_EQ(forward("sin"), (OpCounts{.trigonometrics = 6}));
  EXPECT_EQ(forward("floor"), (OpCounts{.roundings = 6}));
  EXPECT_EQ(forward("not"), (OpCounts{.bit_operations = 6}));
  EXPECT_EQ(forward("cast"), (OpCounts{.conversions = 6}));
}

// Every row's formula is what its definition does.
TEST(Unary, CountsOfEveryRow) {
  for (const Row& row : unary::rows()) {
    for (const Pass pass : find_layer(row.name).passes) {
      rows::counts(row.name, "mb2ic3", pass);
    }
  }
}

// The clamped, saturated and steep parts of every curve, in pieces for three threads.
TEST(Unary, BackendsAgreeFromMinus8To8) {
  for (const Row& row : unary::rows()) {
    const bool whole_line = row.domain.kind == Domain::Kind::any && row.name != "reciprocal" &&
                            row.name != "log1p" && row.name != "atanh" && row.name != "asinh" &&
                            row.name != "asin" && row.name != "acos" && row.name != "tan";
    rows::expect_backends_agree(row.name, "mb3ic67ih5", whole_line ? 8 : 1);
  }
}

TEST(UnaryShape, ParsesBenchdnnDescriptorsAndLists) {
  const AnyLayer& relu = find_layer("relu");
  EXPECT_THAT(relu.parse("mb1ic64ih112"), ElementsAre(1, 64, 1, 112, 112));
  EXPECT_THAT(relu.parse("ic3072"), ElementsAre(2, 3072, 1, 1, 1));
  EXPECT_THAT(relu.parse("mb1ic8id3"), ElementsAre(1, 8, 3, 3, 3));
  EXPECT_THAT(relu.parse("2x32x3x2"), ElementsAre(2, 32, 1, 3, 2));
  EXPECT_THAT(relu.parse("2x32x5"), ElementsAre(2, 32, 1, 1, 5));
  EXPECT_THAT(relu.parse("7"), ElementsAre(7, 1, 1, 1, 1));
  EXPECT_THAT(relu.parse("2x3x4x5x6x7"), ElementsAre(2, 3, 4, 5, 42));
}

TEST(UnaryShape, PrintsWhatItParses) {
  const AnyLayer& relu = find_layer("relu");
  for (const std::string_view text :
       {"mb1ic64ih112", "mb128ic3072", "mb1ic8id3", "mb1ic8ih3iw2", "mb1ic8ih1iw2", "mb1ic8ih2iw1",
        "mb1ic8id2ih1", "mb1ic8id2ih3iw4", "mb1ic8id3ih3iw1", "mb1ic8id3ih2"}) {
    EXPECT_EQ(relu.print(relu.parse(text)), text);
  }
}

TEST(UnaryShape, RefusesWithTheReason) {
  rows::expect_refused("relu", "mb32", "relu needs ic");
  rows::expect_refused("exp", "mb1ic0", "exp: ic (channels or features) is 0");
  rows::expect_refused("relu", "mb1ic2oc3", "unknown key");
  rows::expect_refused("relu", "2x", "'' is no dimension");
  rows::expect_refused("relu", "2x0", "is 0, must be at least 1");
}

TEST(UnaryFormula, OverflowIsReported) {
  const Problem problem = rows::problem_of("relu", "mb4294967296ic4294967296");
  EXPECT_THROW(problem.formula(Pass::forward), CountOverflow);
}

// Prevents elements between two threads' pieces from being left out or computed twice.
TEST(EigenPieces, MakeUpTheWhole) {
  for (const std::int64_t elements : {1, 15, 16, 17, 31, 100, 1000}) {
    for (const int threads : {1, 2, 3, 7}) {
      std::vector<int> seen(static_cast<std::size_t>(elements));
      eigen::in_pieces(elements, threads, [&](std::int64_t begin, std::int64_t length) {
        for (std::int64_t i = begin; i < begin + length; ++i) {
          ++seen[static_cast<std::size_t>(i)];
        }
      });
      EXPECT_THAT(seen, testing::Each(1)) << elements << " by " << threads;
    }
  }
}

}  // namespace
}  // namespace flopmeter::unary
