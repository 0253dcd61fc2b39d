#include "validate/ledger/ledger.h"

#include <gmock/gmock.h>

#include <array>

namespace flopmeter {
namespace {

using testing::HasSubstr;

constexpr std::array f32{Dtype::f32};
constexpr std::array both{Dtype::f32, Dtype::bf16};

ProblemLedger examine_shape(const AnyLayer& layer, std::string_view shape) {
  return examine(parse_problem(layer, shape), Pass::forward, f32);
}

TEST(Ledger, HoldsFormulaAgainstCounts) {
  const ProblemLedger ledger = examine_shape(find_layer("conv2d"), "mb1ic2ih5oc3oh5kh3ph1");
  EXPECT_FALSE(ledger.failed());
  // 3 x 5 x 5 outputs of 18 taps; in bounds an axis sees 5 * 3 - 2 of them.
  EXPECT_EQ(ledger.counted_dense.macs, 75 * 18);
  EXPECT_EQ(ledger.counted_in_bounds.macs, 3 * 2 * 13 * 13);
}

TEST(Ledger, HasALineForEveryBackendAndDtype) {
  const Problem problem = parse_problem(find_layer("linear"), "mb2ic3oc4");
  const ProblemLedger ledger = examine(problem, Pass::forward, both);
  ASSERT_EQ(ledger.entries.size(), 2 * problem.layer->backends.size());
  EXPECT_EQ(ledger.entries[0].subject.name(), "linear/forward/reference/f32/mb2ic3oc4");
  EXPECT_TRUE(ledger.entries[0].agreement->passed);
  EXPECT_FALSE(ledger.entries[1].unavailable.empty()) << "the reference has no bf16";
  EXPECT_TRUE(ledger.entries[2].counted.has_value()) << "Eigen's algorithm is counted";
}

/// What the machine code of the shapes does and why, a line a case, in the order of the shapes.
std::vector<std::string> executed_lines(std::span<const Problem> problems, int workers) {
  std::vector<std::string> lines;
  const auto ledgers =
      examine_all(problems, Pass::forward, f32, Depth::executed, workers, [](const auto&) {});
  for (const ProblemLedger& ledger : ledgers) {
    for (const Entry& entry : ledger.entries) {
      if (!entry.account) {
        lines.push_back(entry.subject.name() + ": " + entry.unavailable +
                        fmt::format("{}", fmt::join(entry.disagreements, "; ")));
        continue;
      }
      const Account& account = *entry.account;
      lines.push_back(entry.subject.name() + ": " + account.executed.problem +
                      (account.explanation ? to_string(*account.explanation) : "") +
                      fmt::format("{}", fmt::join(entry.disagreements, "; ")));
    }
  }
  return lines;
}

// Prevents what one worker does from changing what another one finds: they share the table of
// effects, the layers, the libraries and the counter's tables.
TEST(Ledger, ExecutedLedgersOfSeveralWorkersAreThatOfOne) {
  if (const std::string reason = executed::why_unavailable(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  std::vector<Problem> problems;
  for (const char* const layer : {"conv2d", "linear", "lstm", "softmax", "gelu_erf"}) {
    const auto own = default_problems(find_layer(layer));
    std::ranges::copy_if(own, std::back_inserter(problems), [](const Problem& problem) {
      return problem.formula(Pass::forward).dense.macs < 100'000 &&
             compulsory_elements(problem.operands(Pass::forward)) < 10'000;
    });
  }
  ASSERT_GE(problems.size(), 8U);
  const std::vector<std::string> alone = executed_lines(problems, 1);
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(executed_lines(problems, 4), alone) << round;
  }
}

// The ledger must be able to fail: each fault below is planted in a copy of a sound layer.
AnyLayer planted(std::string_view name) { return find_layer(name); }

TEST(Ledger, FindsAWrongFormula) {
  AnyLayer layer = planted("linear");
  layer.formula = [sound = layer.formula](const Values& v, Pass pass) {
    Formula formula = sound(v, pass);
    formula.in_bounds.adds += 1;
    return formula;
  };
  const ProblemLedger ledger = examine_shape(layer, "mb2ic3oc4");
  EXPECT_TRUE(ledger.failed());
  EXPECT_THAT(ledger.disagreements, testing::ElementsAre("in bounds adds: 25 stated, 24 counted"));
}

TEST(Ledger, FindsAWrongDenseFormulaAndParameters) {
  AnyLayer layer = planted("conv2d");
  layer.formula = [sound = layer.formula](const Values& v, Pass pass) {
    Formula formula = sound(v, pass);
    formula.dense = formula.in_bounds;
    formula.parameters -= 1;
    return formula;
  };
  const ProblemLedger ledger = examine_shape(layer, "mb1ic1ih2oc1oh2kh3ph1");
  EXPECT_THAT(ledger.disagreements, testing::ElementsAre("dense macs: 16 stated, 36 counted",
                                                         "dense multiplies: 16 stated, 36 counted",
                                                         "dense adds: 16 stated, 36 counted",
                                                         "parameters: 9 stated, 10 stored"));
}

TEST(Ledger, FindsAWrongStatedAlgorithm) {
  AnyLayer layer = planted("matmul");
  layer.backends[1].stated = [](const Values&, Pass) { return OpCounts{}; };
  const ProblemLedger ledger = examine_shape(layer, "2x3:3x4");
  ASSERT_FALSE(ledger.entries[1].disagreements.empty());
  EXPECT_THAT(ledger.entries[1].disagreements[0], HasSubstr("algorithm macs: 0 stated"));
}

TEST(Ledger, FindsAWrongOutput) {
  AnyLayer layer = planted("matmul");
  layer.backends[1].prepare = [sound = layer.backends[1].prepare](const Values& v,
                                                                  const flopmeter::Setup& setup,
                                                                  Tensors<float>& tensors) {
    Preparation preparation = sound(v, setup, tensors);
    auto& prepared = std::get<Prepared>(preparation);
    prepared.fetch = [fetch = prepared.fetch, &tensors] {
      fetch();
      tensors["dst"][3] += 0.125F;
    };
    return preparation;
  };
  const ProblemLedger ledger = examine_shape(layer, "2x3:3x4");
  ASSERT_EQ(ledger.entries[1].disagreements.size(), 1U);
  EXPECT_THAT(ledger.entries[1].disagreements[0], HasSubstr("output: element 3 is"));
}

TEST(ExamineAll, KeepsTheOrderAndReportsEach) {
  const AnyLayer& layer = find_layer("linear");
  const std::array problems{parse_problem(layer, "mb1ic2oc2"), parse_problem(layer, "mb1ic50oc50"),
                            parse_problem(layer, "mb1ic3oc3")};
  int done = 0;
  const auto ledgers = examine_all(problems, Pass::forward, f32, Depth::counted, 2,
                                   [&](const ProblemLedger&) { ++done; });
  EXPECT_EQ(done, 3);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    EXPECT_EQ(ledgers[i].problem.values, problems[i].values);
  }
}

TEST(ExamineAll, PassesFailuresOn) {
  AnyLayer layer = planted("linear");
  std::get<Reference<Counted<double>>>(layer.references) =
      [](const Values&, Pass, Tensors<Counted<double>>&) { throw CountOverflow("planted"); };
  const std::array problems{parse_problem(layer, "mb1ic2oc2")};
  EXPECT_THROW(
      examine_all(problems, Pass::forward, f32, Depth::counted, 1, [](const ProblemLedger&) {}),
      CountOverflow);
}

}  // namespace
}  // namespace flopmeter
