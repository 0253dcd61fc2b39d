#include "app/count_explain.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Problem convolution() { return parse_problem(find_layer("conv2d"), "mb1ic2ih5oc3oh5kh3ph1"); }

TEST(Explained, EndsWithTheFourCounts) {
  EXPECT_THAT(explained_text(count_problem(convolution(), Pass::forward, Dtype::f32, 1'000'000)),
              AllOf(HasSubstr("positions = mb*oh*ow\n"), HasSubstr("= 25 positions\n"),
                    HasSubstr("= 6 pairs\n"), HasSubstr("= 9 taps\n"),
                    HasSubstr("adds 3 parameters and 75 adds"),
                    HasSubstr("formula    1350 MACs of every tap, 1014 MACs in bounds"),
                    HasSubstr("counted    1014 MACs by the definition"),
                    HasSubstr("kind by kind those of the formula in bounds"),
                    HasSubstr("\n    reference  "), HasSubstr("\n  retired    ")));
}

TEST(Explained, SaysWhatIsBeyondTheLimit) {
  EXPECT_THAT(explained_text(count_problem(convolution(), Pass::forward, Dtype::f32, 1000)),
              HasSubstr("counted    not counted: more MACs than --limit."));
}

// Prevents options that are taken and not followed.
TEST(Explained, SaysTheNumberTypeAndWhatCountersPrint) {
  EXPECT_THAT(explained_text(count_problem(convolution(), Pass::forward, Dtype::bf16, 1'000'000,
                                           select_conventions({"fvcore"}))),
              AllOf(HasSubstr("machine code does in bf16"), HasSubstr("fvcore")));
}

// Prevents a page that differs from machine to machine.
TEST(Explained, MarkdownHasNoMachineCode) {
  EXPECT_THAT(explained_markdown(convolution(), Pass::forward, 1'000'000),
              AllOf(HasSubstr("- counted: 1014 MACs"),
                    HasSubstr("`flopmeter count conv2d mb1ic2ih5oc3oh5kh3ph1` prints it"),
                    Not(HasSubstr("eigen"))));
}

}  // namespace
}  // namespace flopmeter
