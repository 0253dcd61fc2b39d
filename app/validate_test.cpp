#include "app/validate.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace flopmeter {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

/// Runs validate on one layer with a few random shapes and returns what it printed.
struct Outcome {
  int exit_code;
  std::string text;
};

Outcome run(const AnyLayer& layer, const ValidateOptions& options) {
  char* buffer = nullptr;
  std::size_t size = 0;
  std::FILE* stream = open_memstream(&buffer, &size);
  const std::array layers{layer};
  const std::array problems{parse_problem(layer, "mb3ic4oc5")};
  const int exit_code = validate(layers, problems, options, stream);
  std::fclose(stream);
  const std::unique_ptr<char, decltype(&std::free)> owner(buffer, &std::free);
  return {exit_code, std::string(buffer, size)};
}

const ValidateOptions few{
    .dtypes = {Dtype::f32}, .passes = {Pass::forward}, .random_shapes = 20, .workers = 1};

TEST(Validate, ExitsZeroWhenAllAgrees) {
  const Outcome outcome = run(find_layer("linear"), few);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr("random "));
}

// A formula that forgets the bias adds: wrong for every shape with a bias.
TEST(Validate, ExitsOneAndShrinksWhenAFormulaIsWrong) {
  AnyLayer layer = find_layer("linear");
  layer.formula = [sound = layer.formula](const Values& v, Pass pass) {
    Formula formula = sound(v, pass);
    if (v.back() != 0 && v[0] >= 2) {
      formula.in_bounds.adds -= 1;
    }
    return formula;
  };
  const Outcome outcome = run(layer, few);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.text,
              HasSubstr("FAILED linear/forward/mb3ic4oc5: formula in bounds adds: 59 stated, "
                        "60 counted"));
  EXPECT_THAT(outcome.text, HasSubstr("smallest shape that fails: mb2ic1oc1\n"));
  EXPECT_THAT(outcome.text, HasSubstr("reproduce: flopmeter validate --random 0 --layer linear "
                                      "--pass forward --shape mb3ic4oc5"));
}

// The algorithm does what it states, one of three cases less: prevents a case that is refuted from
// standing among the exact ones.
TEST(Validate, SumsUpAndCallsOnlyExactCountsExact) {
  AnyLayer layer = find_layer("linear");
  ValidateOptions options = few;
  options.random_shapes = 0;
  // With and without oneDNN and OpenBLAS.
  EXPECT_THAT(run(layer, options).text, ContainsRegex("\nall +1 +4 +2 +(4 +0|3 +1|2 +2) +0 "));
  for (AnyBackend& backend : layer.backends) {
    if (backend.stated) {
      backend.stated = [](const Values&, Pass) { return OpCounts{}; };
    }
  }
  EXPECT_THAT(run(layer, options).text, ContainsRegex("\nall +1 +4 +0 +(4 +0|3 +1|2 +2) +2 "));
}

TEST(Validate, ExecutedCasesAreSummedUp) {
  ValidateOptions options = few;
  options.executed = true;
  const Outcome outcome = run(find_layer("linear"), options);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text;
  EXPECT_THAT(outcome.text, HasSubstr(executed::why_unavailable().empty() ? "1 cases counted"
                                                                          : "cases unavailable"));
}

TEST(Validate, JsonIsOneObjectACase) {
  ValidateOptions options = few;
  options.json = true;
  options.random_shapes = 0;
  const Outcome outcome = run(find_layer("linear"), options);
  EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'),
            std::ssize(find_layer("linear").backends));
  EXPECT_THAT(
      outcome.text,
      HasSubstr("\"case\":\"linear/forward/reference/f32/mb3ic4oc5\",\"counts\":\"exact\""));
}

}  // namespace
}  // namespace flopmeter
