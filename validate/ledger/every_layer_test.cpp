// The ledger on a few random shapes of every layer: in every pass, on every backend and dtype.
#include <gtest/gtest.h>

#include <numeric>

#include "validate/ledger/fuzz.h"
#include "validate/ledger/ledger.h"

namespace flopmeter {
namespace {

class LedgerOf : public testing::TestWithParam<std::size_t> {};

std::string reasons(const ProblemLedger& ledger) {
  std::string text;
  for (const std::string& line : ledger.disagreements) {
    text += line + "\n";
  }
  for (const Entry& entry : ledger.entries) {
    for (const std::string& line : entry.disagreements) {
      text += entry.subject.name() + ": " + line + "\n";
    }
  }
  return text;
}

TEST_P(LedgerOf, RandomShapesIsExact) {
  const AnyLayer& layer = layers().at(GetParam());
  std::mt19937_64 random(11);
  for (int i = 0; i < 8; ++i) {
    const Problem problem = draw_problem(layer, random);
    for (const Pass pass : layer.passes) {
      const ProblemLedger ledger = examine(problem, pass, all_dtypes);
      EXPECT_FALSE(ledger.failed()) << problem.shape() << "\n" << reasons(ledger);
    }
  }
}

std::vector<std::size_t> indices() {
  std::vector<std::size_t> all(layers().size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Validate, LedgerOf, testing::ValuesIn(indices()), [](const auto& test) {
  return std::string(layers().at(test.param).name);
});

}  // namespace
}  // namespace flopmeter
