#include "validate/executed/executed.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "counters/retired/fake_perf_events.h"
#include "validate/executed/account.h"
#include "validate/executed/shares.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;

Case forward_case(const AnyLayer& layer, std::string_view shape, std::string_view backend,
                  Dtype dtype = Dtype::f32) {
  return {parse_problem(layer, shape), Pass::forward, backend, dtype};
}

using Run = std::function<void(std::span<const float> src, std::span<float> dst, int calls)>;

/// relu whose only backend calls that, with the number of calls before.
AnyLayer layer_that(const Run& run) {
  AnyLayer layer = find_layer("relu");
  const auto prepare = [run](const Values&, const Setup&, Tensors<float>& tensors) -> Preparation {
    return Prepared{.run = [run, src = tensors.find("src")->data, dst = tensors.find("dst")->data,
                            calls = 0]() mutable { run(src, dst, calls++); }};
  };
  layer.backends = {{.name = "planted", .prepare = prepare, .counted = {}, .stated = {}}};
  return layer;
}

Executed executed_by(const Case& subject) {
  Inputs inputs = inputs_of(subject);
  return execute(subject, inputs);
}

std::string disagreement(const AnyLayer& layer) {
  const Executed executed = executed_by(forward_case(layer, "mb1ic3", "planted"));
  EXPECT_EQ(executed.problem, "");
  return executed.disagreement;
}

TEST(Executed, OneDnnGemmIsTheFormula) {
  const Executed executed =
      executed_by(forward_case(find_layer("matmul"), "64x64:64x64", "onednn"));
  if (executed.problem == "this build has no oneDNN") {
    GTEST_SKIP() << executed.problem;
  }
  ASSERT_EQ(executed.problem, "");
  EXPECT_EQ(executed.disagreement, "");
  EXPECT_GT(executed.instructions, 0);
  // And what oneDNN's own code multiplies: a hash table's size by its load factor, now and then.
  EXPECT_GE(executed.active.multiplies, 64 * 64 * 64);
  EXPECT_LE(executed.active.multiplies, 64 * 64 * 64 + 16);
}

// Prevents a kernel that starts threads of its own, of which oneDNN 3 has one, from being counted and
// timed as one thread's work.
TEST(Executed, OneThreadNormalisesEveryElement) {
  const Executed executed =
      executed_by(forward_case(find_layer("batchnorm"), "mb2ic12ih9iw6", "onednn"));
  if (executed.problem == "this build has no oneDNN") {
    GTEST_SKIP() << executed.problem;
  }
  ASSERT_EQ(executed.problem, "");
  EXPECT_GE(executed.active.multiplies, 2 * 12 * 9 * 6);
}

// n^3 products and n^2 by alpha, whether they are fused or not, and a few by scalars around them.
TEST(Executed, EigenMultipliesByAlpha) {
  const Executed executed = executed_by(forward_case(find_layer("matmul"), "64x64:64x64", "eigen"));
  ASSERT_EQ(executed.problem, "");
  EXPECT_GE(executed.active.multiplies, 64 * 64 * 64 + 64 * 64);
  EXPECT_LE(executed.active.multiplies, 64 * 64 * 64 + 64 * 64 + 16);
}

// Prevents arithmetic that belongs to no function.
TEST(Executed, FunctionsSumUpToTheTotals) {
  const Case subject = forward_case(find_layer("matmul"), "16x16:16x16", "eigen");
  Inputs inputs = inputs_of(subject);
  const Executed executed = execute(subject, inputs, Detail::functions);
  ASSERT_EQ(executed.problem, "");
  executed::Totals sum;
  for (const executed::HotSpot& spot : executed.hot_spots) {
    sum += spot.totals;
  }
  EXPECT_TRUE(sum == executed.totals);
  EXPECT_TRUE(execute(subject, inputs).hot_spots.empty());
}

TEST(Executed, WhatTheBackendCannotDoHasAReason) {
  const Executed executed =
      executed_by(forward_case(find_layer("matmul"), "4x4:4x4", "reference", Dtype::bf16));
  EXPECT_FALSE(executed.counted());
  EXPECT_THAT(executed.problem, HasSubstr("f32 only"));
  EXPECT_EQ(executed.instructions, 0);
}

// Prevents a counter that changes one result, be it the sign of a zero.
TEST(Executed, AResultThatIsAnotherInTheSecondRunIsFound) {
  const AnyLayer layer = layer_that([](auto, std::span<float> dst, int calls) {
    std::ranges::fill(dst, 0.F);
    dst[2] = calls == 1 ? -0.F : 0.F;
  });
  EXPECT_EQ(disagreement(layer), "result 2: -0 when counted, 0 when not");
}

TEST(Executed, NaNsAreTheSame) {
  EXPECT_EQ(disagreement(layer_that([](auto, std::span<float> dst, int) {
              std::ranges::fill(dst, std::numeric_limits<float>::quiet_NaN());
            })),
            "");
}

// Prevents a counted run that writes nothing and passes, because the run before left its results.
TEST(Executed, ResultsThatAreNotWrittenAreFound) {
  const AnyLayer layer =
      layer_that([](std::span<const float> src, std::span<float> dst, int calls) {
        if (calls != 1) {
          std::ranges::copy(src, dst.begin());
        }
      });
  EXPECT_NE(disagreement(layer), "");
}

TEST(Executed, WhatABackendThrowsBecomesTheReason) {
  const AnyLayer layer = layer_that([](auto, auto, int calls) {
    if (calls == 1) {
      throw std::runtime_error("no more paper");
    }
  });
  const Account lost = account(forward_case(layer, "mb1ic3", "planted"));
  EXPECT_EQ(lost.executed.problem, "no more paper");
  EXPECT_FALSE(lost.explanation);
}

// On a CPU whose counter adds one to what one call does. Prevents a comparison that nobody makes,
// and one with another run than a native one.
TEST(Executed, TheCpusOwnCountIsHeldAgainstIt) {
  retired::FakePerfEvents events;
  events.counters = 16;
  events.interval = {{0x01c7, 64}};
  retired::Counters counters(events, {{"GenuineIntel", 6, 85}, {"skx"}, "/none"});
  int most_calls = 0;
  const AnyLayer layer =
      layer_that([&](std::span<const float> src, std::span<float> dst, int calls) {
        for (std::size_t i = 0; i < src.size(); ++i) {
          asm volatile("addss %1, %0" : "=x"(dst[i]) : "x"(src[i]), "0"(0.F));
        }
        most_calls = calls;
      });
  const Case subject = forward_case(layer, "mb1ic3", "planted");
  Inputs inputs = inputs_of(subject);
  for (const std::uint64_t more : {0, 1}) {
    events.interval = {{0x02c7, 3 + more}};
    const Executed executed = execute(subject, inputs, Detail::totals, counters);
    EXPECT_EQ(most_calls, 3);  // with other inputs, counted, native, retired
    EXPECT_EQ(executed.retired.flops.count, 3 + more);
    EXPECT_EQ(executed.retired.expected, 3);
    EXPECT_EQ(executed.retired.verdict(),
              more == 0 ? retired::CaseVerdict::agrees : retired::CaseVerdict::deviates);
  }
}

// 6 multiplies, 2 of them in FMA, 3 in dot products; half of the lanes masked.
TEST(Shares, AreRatiosOfActiveLanes) {
  using executed::Element;
  using executed::Operation;
  Executed executed;
  executed.totals.add({Operation::fma, Element::f32, 4, 1, 0}, 1, 2, 4);
  executed.totals.add({Operation::dot, Element::i8, 4, 1, 0}, 1, 3, 4);
  executed.totals.add({Operation::multiply, Element::f32, 4, 1, 0}, 1, 1, 4);
  executed.active = op_counts(executed.totals, executed::Lanes::active);
  executed.instructions = 20;
  const Shares all = shares(executed);
  EXPECT_DOUBLE_EQ(*all.fma, 2. / 6);
  EXPECT_DOUBLE_EQ(*all.dot, 3. / 6);
  EXPECT_DOUBLE_EQ(*all.instructions_per_mac, 20. / 5);
  EXPECT_DOUBLE_EQ(*all.lane_use, 6. / 12);
}

TEST(Shares, OfNothingAreEmpty) {
  const Shares none = shares(Executed{});
  EXPECT_FALSE(none.fma || none.dot || none.instructions_per_mac || none.lane_use);
}

}  // namespace
}  // namespace flopmeter
