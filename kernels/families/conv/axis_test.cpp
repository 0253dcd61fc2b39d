#include "kernels/families/conv/axis.h"

#include <gtest/gtest.h>

#include <vector>

#include "counters/op_counts.h"

namespace flopmeter::conv {
namespace {

std::int64_t touched(const std::vector<std::int64_t>& taps) {
  return std::ranges::count_if(taps, [](std::int64_t count) { return count > 0; });
}

/// The facts the formulas rest on, found by looking at every tap of every output.
struct Walk {
  explicit Walk(const Axis& axis)
      : of_output(static_cast<std::size_t>(axis.out)),
        of_input(static_cast<std::size_t>(axis.in)),
        of_kernel(static_cast<std::size_t>(axis.kernel)) {
    for (std::int64_t i = 0; i < axis.kernel; ++i) {
      for (std::int64_t o = 0; o < axis.out; ++o) {
        const std::int64_t at = axis.input(o, i);
        if (at >= 0 && at < axis.in) {
          visit(axis, o, i, at);
        }
      }
    }
  }

  void visit(const Axis& axis, std::int64_t o, std::int64_t i, std::int64_t at) {
    const OutputRange first = axis.first_outputs(i);
    const bool is_first = of_input[static_cast<std::size_t>(at)] == 0;
    right = right && axis.output(at, i) == o && is_first == (o >= first.begin && o < first.end);
    ++of_output[static_cast<std::size_t>(o)];
    ++of_input[static_cast<std::size_t>(at)];
    ++of_kernel[static_cast<std::size_t>(i)];
    ++taps;
  }

  Axis::Coverage coverage() const {
    return {taps, touched(of_output), touched(of_input), touched(of_kernel)};
  }

  std::vector<std::int64_t> of_output, of_input, of_kernel;  // numbers of taps
  std::int64_t taps = 0;
  bool right = true;
};

void expect_as_walked(const Axis& axis) {
  const Walk walk(axis);
  ASSERT_EQ(axis.coverage(), walk.coverage());
  ASSERT_TRUE(walk.right);
  ASSERT_LE(*std::ranges::max_element(walk.of_input), axis.taps_of_input());
  for (std::int64_t o = 0; o < axis.out; ++o) {
    const TapRange range = axis.taps(o);
    ASSERT_EQ(range.end - range.begin, walk.of_output[static_cast<std::size_t>(o)]);
  }
}

TEST(Axis, CoverageEqualsAWalkOverEveryTap) {
  for (std::int64_t in = 1; in <= 6; ++in) {
    for (std::int64_t out = 1; out <= 7; ++out) {
      for (std::int64_t kernel = 1; kernel <= 4; ++kernel) {
        for (std::int64_t stride = 1; stride <= 4; ++stride) {
          for (std::int64_t pad = 0; pad <= 9; ++pad) {
            for (std::int64_t gap = 0; gap <= 8; ++gap) {
              expect_as_walked({in, out, kernel, stride, pad, gap});
            }
          }
        }
      }
    }
  }
}

// 4 wide, 3 taps, padding 1: outputs see 2, 3, 3, 2 inputs.
TEST(Axis, HandDerivedValues) {
  const Axis axis{4, 4, 3, 1, 1, 0};
  EXPECT_EQ(axis.coverage(), (Axis::Coverage{10, 4, 4, 3}));
  EXPECT_EQ(axis.pad_after(), 1);
  EXPECT_EQ((Axis{224, 112, 7, 2, 3, 0}.pad_after()), 2);
  EXPECT_EQ((Axis{224, 0, 7, 2, 3, 0}.default_out()), 112);
  EXPECT_EQ((Axis{3, 0, 2, 1, 0, 2}.default_out()), 0);
}

// Stride 2 and gaps of 1: both taps of every output touch even inputs, 0 and 2, 2 and 4.
TEST(Axis, InputsThatNoTapTouches) {
  const Axis axis{5, 2, 2, 2, 0, 1};
  EXPECT_EQ(axis.coverage(), (Axis::Coverage{4, 2, 3, 2}));
  EXPECT_EQ(axis.taps_of_input(), 2);
}

// Prevents a walk over the taps: a kernel of 9e12 had `count` run for days.
TEST(Axis, LongAxesTakeNoTime) {
  constexpr std::int64_t most = 9'000'000'000'000;
  // A triangle of taps: output o sees the inputs up to o.
  EXPECT_EQ(
      (Axis{3'000'000'000, 3'000'000'000, 3'000'000'000, 1, 2'999'999'999, 0}.coverage()),
      (Axis::Coverage{4'500'000'001'500'000'000, 3'000'000'000, 3'000'000'000, 3'000'000'000}));
  EXPECT_EQ((Axis{1, 1, most, 1, 0, 0}.coverage()), (Axis::Coverage{1, 1, 1, 1}));
  EXPECT_EQ((Axis{most, 1, most, 1, 0, 0}.coverage()), (Axis::Coverage{most, 1, most, most}));
  EXPECT_EQ((Axis{2 * most - 1, 3, most, most / 3, 0, 0}.coverage().taps), 3 * most);
  EXPECT_THROW((Axis{most, most, most, 1, most / 2, 0}.coverage()), CountOverflow);
}

}  // namespace
}  // namespace flopmeter::conv
