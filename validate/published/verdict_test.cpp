#include "validate/published/verdict.h"

#include <gmock/gmock.h>

#include <array>

#include "kernels/bad_input.h"

namespace flopmeter::published {
namespace {

using testing::HasSubstr;

CounterComparison judge(std::string_view counter, std::string_view quantity, std::string_view layer,
                        std::string_view shape) {
  const Problem problem = parse_problem(find_layer(layer), shape);
  const Formula formula = problem.formula(Pass::forward);
  const std::array chosen{&table().counter(counter)};
  std::int64_t outputs = 0;
  for (const Operand& operand : problem.operands(Pass::forward)) {
    outputs += operand.role == Role::output ? elements(operand) : 0;
  }
  for (Row& row : rows(table(), chosen, problem, Pass::forward,
                       {formula.in_bounds, formula.dense, formula.parameters, outputs})) {
    if (row.quantity->name == quantity) {
      return row.comparison;
    }
  }
  throw BadInput("no such quantity");
}

TEST(PublishedVerdict, SaysWhoIsWrongAndByHowMuch) {
  constexpr std::string_view shape = "mb32ic512oc1000";
  EXPECT_EQ(judge("thop", "macs", "linear", shape).verdict, "exact");
  EXPECT_EQ(judge("thop", "params", "linear", shape).verdict, "silent zero");
  EXPECT_EQ(judge("ptflops-aten", "macs", "linear", shape).verdict,
            "wrong: +1 an output (+0.195 %)");
  // 513 000 of 16 384 000: one sample, with its bias.
  EXPECT_EQ(judge("ptflops", "macs", "linear", shape).verdict, "wrong: 0.03131 x");
  EXPECT_EQ(judge("torchinfo", "macs", "matmul", "32x512:512x1000").verdict, "silent zero");
  EXPECT_EQ(judge("fvcore", "flops", "matmul", "8x16:3x16x4").verdict, "wrong: 1/3 x");
}

// No taps in the padding: 86 188 800 of 86 704 128 MACs.
TEST(PublishedVerdict, TellsPaddingApart) {
  const CounterComparison found = judge("thop", "macs", "conv2d", "mb1ic3ih224oc64oh224kh3ph1");
  EXPECT_EQ(found.dense, 86704128);
  EXPECT_EQ(found.in_bounds, 86188800);
  EXPECT_THAT(found.verdict, HasSubstr("exact, counted dense"));
  EXPECT_EQ(found.factor, 1.0);
}

}  // namespace
}  // namespace flopmeter::published
