#include "validate/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string complaint(const std::function<void()>& work) {
  try {
    work();
  } catch (const BadInput& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(Expression, ComputesWithNamedNumbers) {
  const Expression formula("(2*K^2*C_in - 1)*C_out");
  EXPECT_THAT(formula.symbols(), ElementsAre("C_in", "C_out", "K"));
  EXPECT_EQ(formula.evaluate({{"C_in", 3}, {"C_out", 64}, {"K", 7}}), (2 * 49 * 3 - 1) * 64);
}

TEST(Expression, IsCompiledOnceAndEvaluatedWithOtherNumbers) {
  const Expression formula("a/b");
  EXPECT_EQ(formula.evaluate({{"a", 6}, {"b", 2}}), 3);
  EXPECT_EQ(formula.evaluate({{"a", 6}, {"b", 4}}), 1.5);
}

TEST(Expression, RoundsDownAndUp) {
  EXPECT_EQ(Expression("floor((40 - 10)/8) + 1").evaluate({}), 4);
  EXPECT_EQ(Expression("ceil(10/8)").evaluate({}), 2);
  EXPECT_EQ(Expression("trunc(0-1.5)").evaluate({}), -1);
}

TEST(Expression, CountsPowersOfTwo) {
  EXPECT_EQ(Expression("ones(0)").evaluate({}), 0);
  EXPECT_EQ(Expression("ones(11)").evaluate({}), 3);
}

// Windows of 3 from -1, 1, 3, 5 on 7 inputs: the first has one tap in the padding, the last one.
TEST(Expression, CountsTapsOnRealInput) {
  EXPECT_EQ(Expression("taps(7, 4, 3, 2, 1)").evaluate({}), 4 * 3 - 2);
}

TEST(Expression, SurvivesBeingMoved) {
  Expression first("x + 1");
  const Expression second = std::move(first);
  EXPECT_EQ(second.evaluate({{"x", 1}}), 2);
}

// Prevents a value of another thread's numbers: the workers of a ledger share the table of effects.
TEST(Expression, ThreadsMayShareOne) {
  const Expression shared("a*a + 3*b - a");
  std::atomic<int> wrong{0};
  const auto work = [&](int first) {
    for (int a = first; a < first + 2000; ++a) {
      wrong += shared.evaluate({{"a", a}, {"b", -a}}) == a * a - 4 * a ? 0 : 1;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(work, 10'000 * i);
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Expression, DividingByZeroIsNoNumberRatherThanAnError) {
  EXPECT_FALSE(std::isfinite(Expression("1/x").evaluate({{"x", 0}})));
}

TEST(Expression, NamesAnUnknownSymbolAndTheKnownOnes) {
  const Expression formula("C_in*C_out");
  const Scope scope{{"C_in", 1}, {"oc", 2}};
  EXPECT_FALSE(formula.known_in(scope));
  const std::string message = complaint([&] { formula.evaluate(scope); });
  EXPECT_THAT(message, HasSubstr("unknown symbol 'C_out'"));
  EXPECT_THAT(message, HasSubstr("C_in, oc"));
}

TEST(Expression, RefusesWhatIsNoFormula) {
  for (const char* text : {"", "2*", "(a", "foo(a)", "a b", "1, 2", "\"a\""}) {
    EXPECT_THAT(complaint([&] { Expression formula(text); }), HasSubstr("formula")) << text;
  }
}

// 2^53 + 1 is not a double: a formula that loses it must not be called exact.
TEST(Expression, RefusesIntegersThatDoublesCannotHold) {
  EXPECT_EQ(exact_double("ic", std::int64_t{1} << 53U), 9007199254740992.0);
  EXPECT_THAT(complaint([] { exact_double("ic", std::int64_t{1} << 54U); }), HasSubstr("2^53"));
  const Expression square("x*x");
  EXPECT_THAT(complaint([&] { square.evaluate({{"x", 1e9}}); }), HasSubstr("2^53"));
}

}  // namespace
}  // namespace flopmeter
