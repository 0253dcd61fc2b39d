#include "bench/truth.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

TEST(TruthCache, ComputesOnceForEachProblem) {
  AnyLayer layer = find_layer("matmul");
  int computed = 0;
  const auto reference = std::get<Reference<double>>(layer.references);
  std::get<Reference<double>>(layer.references) = [&](const Values& values, Pass pass,
                                                      Tensors<double>& tensors) {
    ++computed;
    reference(values, pass, tensors);
  };
  TruthCache truths;
  const auto ask = [&](const std::string& shape) {
    const Problem problem = parse_problem(layer, shape);
    Tensors<float> inputs(problem.operands(Pass::forward));
    fill(inputs, 1);
    return truths.of(problem, Pass::forward, Dtype::f32, inputs);
  };
  const std::vector<double> first = ask("2x3:3x5");
  EXPECT_EQ(first.size(), 10U);
  EXPECT_EQ(ask("2x3:3x5"), first);
  EXPECT_EQ(computed, 1);
  // Prevents the truth of another shape from being taken for this one's.
  EXPECT_NE(ask("2x4:4x5"), first);
  EXPECT_EQ(ask("2x3:3x5"), first);
  EXPECT_EQ(computed, 3);
}

}  // namespace
}  // namespace flopmeter
