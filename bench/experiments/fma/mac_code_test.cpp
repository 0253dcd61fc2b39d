#include "bench/experiments/fma/mac_code.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "bench/experiments/fma/verify.h"
#include "counters/executed/counter.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;

std::vector<MacLoop> every_loop() {
  std::vector<MacLoop> all;
  for (const Real real : {Real::f32, Real::f64}) {
    for (const Width& width : widths()) {
      for (const MacLoop& loop : mac_loops(real, width)) {
        all.push_back(loop);
      }
    }
  }
  return all;
}

/// What a lane holds that started from `a` and went through so many steps. With the factors below
/// it is exact in f32, so that neither its rounding nor fusing makes a difference.
double after(const MacLoop& loop, Factors f, double a, std::int64_t steps) {
  for (std::int64_t i = 0; i < steps; ++i) {
    switch (loop.form) {
      case Form::multiply:
        a *= f.x;
        break;
      case Form::add:
        a += f.y;
        break;
      default:
        a = loop.mix == Mix::horner ? a * f.x + f.y : a + f.x * f.y;
    }
  }
  return a;
}

class EveryMacLoop : public testing::TestWithParam<MacLoop> {
 protected:
  void SetUp() override {
    if (const std::string reason = why_not(GetParam()); !reason.empty()) {
      GTEST_SKIP() << reason;
    }
  }

  static void expect_results(Factors factors, std::int64_t passes) {
    const MacLoop& loop = GetParam();
    MacState state(loop, factors);
    MacCode(loop).run(passes, state);
    const std::vector<double> results = state.accumulators();
    const std::int64_t steps = passes * MacLoop::steps / loop.accumulators();
    const auto lanes = static_cast<std::size_t>(loop.lanes());
    ASSERT_EQ(results.size(), lanes * static_cast<std::size_t>(loop.accumulators()));
    for (std::size_t i = 0; i < results.size(); ++i) {
      const double start = static_cast<double>(i / lanes) + 1;
      EXPECT_EQ(results[i], after(loop, factors, start, steps)) << "lane " << i;
      EXPECT_TRUE(std::isnormal(results[i]));
    }
  }
};

// Prevents a loop that computes something else than its equation, in any lane.
TEST_P(EveryMacLoop, ComputesItsEquation) {
  expect_results({0.5, 4}, 1);  // Horner comes to rest at 8
}

// Prevents infinities or denormals, which may be slow, in what is timed.
TEST_P(EveryMacLoop, StaysNormalWhileItIsTimed) { expect_results(timed_factors, 10'000); }

// Prevents a time of something else than what the table says: one instruction more would show.
TEST_P(EveryMacLoop, ExecutesExactlyWhatIsExpected) {
  if (const std::string reason = executed::why_unavailable(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  const MacLoop& loop = GetParam();
  const MacCode code(loop);
  MacState state(loop);
  const executed::Totals totals = executed_by(code, state, 7);
  EXPECT_EQ(difference(totals, loop.expected(7)), "");
  EXPECT_NE(difference(totals, loop.expected(8)), "");
}

INSTANTIATE_TEST_SUITE_P(Table, EveryMacLoop, testing::ValuesIn(every_loop()), [](const auto& row) {
  const MacLoop& loop = row.param;
  std::string name = fmt::format("{}_{}_{}_{}", to_string(loop.real), loop.width->name,
                                 to_string(loop.mix), to_string(loop.form));
  std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; });
  return name;
});

const MacLoop separate{Real::f32, &widths()[2], Mix::throughput, Form::separate};
const MacLoop fused{Real::f32, &widths()[2], Mix::throughput, Form::fused};

// Hand arithmetic: 96 steps of 8 lanes, 2 instructions to close the loop.
TEST(MacLoop, CountsOfAPass) {
  const OpCounts apart = op_counts(separate.expected(1), executed::Lanes::full);
  EXPECT_EQ(separate.expected(1).instructions, 194);
  EXPECT_EQ(apart.multiplies, 768);
  EXPECT_EQ(apart.adds, 768);
  EXPECT_EQ(apart.fmas, 0);
  const OpCounts one = op_counts(fused.expected(10), executed::Lanes::full);
  EXPECT_EQ(fused.expected(10).instructions, 980);
  EXPECT_EQ(one.multiplies, 7680);
  EXPECT_EQ(one.adds, 7680);
  EXPECT_EQ(one.fmas, 7680);
  EXPECT_EQ(separate.flops(), 1536);
  EXPECT_EQ(fused.flops(), 1536);
  EXPECT_EQ((MacLoop{Real::f64, &widths()[3], Mix::throughput, Form::add}.flops()), 768);
}

// Prevents counts of other lanes from passing for these, where the sums happen to agree.
TEST(MacLoop, DifferenceSeesTheLanes) {
  executed::Totals two_halves;
  two_halves.instructions = fused.expected(1).instructions;
  executed::Arithmetic xmm{
      .operation = executed::Operation::fma, .element = executed::Element::f32, .lanes = 4};
  two_halves.add(xmm, 192, 768, 768);
  EXPECT_THAT(difference(two_halves, fused.expected(1)), testing::HasSubstr("other elements or"));
  EXPECT_EQ(difference(separate.expected(1), fused.expected(1)),
            "executed 194 instructions, 768 multiplies, 768 adds, 0 of both fused, but generated "
            "98 instructions, 768 multiplies, 768 adds, 768 of both fused");
}

TEST(MacLoop, InstructionsAreNamedAsDisassemblersDo) {
  std::vector<std::string> names;
  for (const MacLoop& loop : mac_loops(Real::f64, widths()[3])) {
    names.push_back(loop.instructions());
  }
  EXPECT_THAT(names, ElementsAre("vmulpd zmm", "vaddpd zmm", "vmulpd, vaddpd zmm",
                                 "vfmadd231pd zmm", "vmulpd, vaddpd zmm", "vfmadd231pd zmm",
                                 "vmulpd, vaddpd zmm", "vfmadd213pd zmm"));
  EXPECT_EQ(mac_loops(Real::f32, widths()[0]).front().instructions(), "vmulss xmm");
}

// Prevents an illegal instruction on a CPU of before 2013, or without 512 bits.
TEST(MacLoop, WhatTheCpuLacksIsNamed) {
  using enum CpuFeature;
  const auto reasons = [](std::set<CpuFeature> features) {
    std::vector<std::string> all;
    for (const Width& width : widths()) {
      for (const Form form : {Form::separate, Form::fused}) {
        all.push_back(why_not({Real::f32, &width, Mix::throughput, form},
                              [&](CpuFeature f) { return features.contains(f); }));
      }
    }
    return all;
  };
  const std::string no_fma = "this CPU has no FMA";
  const std::string no_512 = "this CPU has no AVX-512";
  EXPECT_THAT(reasons({sse2, avx}),
              ElementsAre("", no_fma, "", no_fma, "", no_fma, no_512, no_512));
  EXPECT_THAT(reasons({sse2, avx, fma}), ElementsAre("", "", "", "", "", "", no_512, no_512));
  EXPECT_THAT(reasons({sse2, avx, fma, avx512f}), testing::Each(""));
}

TEST(Real, UnknownNamesAreRefused) {
  EXPECT_EQ(parse_real("f64"), Real::f64);
  EXPECT_THROW(parse_real("f16"), BadInput);
}

}  // namespace
}  // namespace flopmeter
