#include "validate/calculation/calculation.h"

#include <gmock/gmock.h>

#include "validate/expression.h"

namespace flopmeter::calculation {
namespace {

using testing::HasSubstr;

Calculation of(std::string_view layer, std::string_view shape, Pass pass = Pass::forward) {
  return calculate(parse_problem(find_layer(layer), shape), pass);
}

const Line& line(const Calculation& calculation, std::string_view name) {
  static const Line none;
  static std::vector<Line> lines;
  lines = calculation.lines();
  const auto found = std::ranges::find(lines, name, &Line::name);
  return found == lines.end() ? none : *found;
}

TEST(Calculation, AConvolutionCanBeFollowedOnPaper) {
  const Calculation conv = of("conv2d", "mb1ic3ih224oc64oh224kh3ph1");
  EXPECT_EQ(line(conv, "macs").value, 86'704'128);
  EXPECT_EQ(line(conv, "macs").formula, "mb*ic*oc*oh*ow*kh*kw/g");
  EXPECT_EQ(line(conv, "macs").numbers, "1*3*64*224*224*3*3/1");
  EXPECT_EQ(line(conv, "th").value, 670);
  EXPECT_EQ(line(conv, "macs in bounds").value, 86'188'800);
  EXPECT_EQ(line(conv, "flop2").value, 172'377'600);
}

TEST(Calculation, AComposedLayerIsWorkedOutPartByPart) {
  const Calculation ffn = of("ffn", "mb2ic8hid16");
  EXPECT_EQ(line(ffn, "macs").unit, "MACs");
  ASSERT_FALSE(ffn.sums.empty());
  EXPECT_EQ(ffn.sums.front().value, 2 * 2 * 8 * 16);
}

// Prevents a calculation whose lines do not follow: each is evaluated as it is printed.
TEST(Calculation, EveryLineOfEveryLayerIsTrue) {
  for (const AnyLayer& layer : layers()) {
    const std::vector<Problem> problems = default_problems(layer);
    const Problem& problem = problems.front();
    const Calculation calculation = calculate(problem, Pass::forward);
    for (const Line& one : calculation.lines()) {
      if (!one.formula.empty() && one.value < (std::int64_t{1} << 53)) {
        EXPECT_EQ(Expression(one.numbers).evaluate({}), static_cast<double>(one.value))
            << layer.name << " " << problem.shape() << ": " << one.name << " = " << one.numbers;
      }
    }
    EXPECT_THAT(to_text(calculation), HasSubstr("MACs")) << layer.name;
    EXPECT_THAT(to_markdown(calculation), HasSubstr("$$")) << layer.name;
  }
}

TEST(Calculation, TheDenseLineIsTheFormula) {
  for (const std::string_view shape : {"mb1ic3ih224oc64kh7sh2ph3", "g4mb2ic8ih5iw7oc4kh3kw2ph1"}) {
    const Problem problem = parse_problem(find_layer("conv2d"), shape);
    const Calculation conv = calculate(problem, Pass::forward);
    EXPECT_EQ(line(conv, "macs").value, problem.formula(Pass::forward).dense.macs);
    EXPECT_EQ(line(conv, "macs in bounds").value, problem.formula(Pass::forward).in_bounds.macs);
    EXPECT_FALSE(line(conv, "macs in bounds").formula.empty());
  }
}

}  // namespace
}  // namespace flopmeter::calculation
