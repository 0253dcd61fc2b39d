#include "bench/machine/peak.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <memory>
#include <set>

namespace flopmeter {
namespace {

/// Calls `check` with every row that this CPU can run.
void with_runnable_peaks(const std::function<void(const PeakSpec&)>& check) {
  for (const PeakSpec& spec : peak_specs()) {
    if (cpu_has(spec.needs)) {
      SCOPED_TRACE(spec.name());
      check(spec);
    }
  }
}

// Prevents a loop that does less than it is credited with: every lane of every accumulator holds
// the sum of exactly as many operations as are counted.
TEST(EveryPeak, ComputesTheClosedFormInEveryLane) {
  with_runnable_peaks([](const PeakSpec& spec) {
    const PeakCode code(spec);
    for (const std::int64_t wanted : {1, 3, 1000}) {
      const std::int64_t passes = std::min(wanted, most_exact_passes(spec));
      // The first values of an exponential still differ from each other.
      const double tolerance = (wanted < 10 ? 10 : 1) * peak_tolerance(spec);
      PeakState state(spec);
      code.run(passes, state);
      for (int i = 0; i < spec.accumulators(); ++i) {
        const double expected = peak_result(spec, i, passes);
        EXPECT_THAT(state.values(i), testing::Each(testing::DoubleNear(expected, tolerance)))
            << "accumulator " << i << " after " << passes;
      }
    }
  });
}

// Prevents denormals, infinities and NaN, which may be slower, in what is timed.
TEST(EveryPeak, StaysNormalWhileItIsTimed) {
  const auto expect_normal = [](const PeakSpec& spec, PeakLoopKind kind) {
    const bool chain = kind == PeakLoopKind::latency;
    PeakState state(spec, chain);
    PeakCode(spec, kind).run(1000, state);
    for (int i = 0; i < (chain ? 1 : spec.accumulators()); ++i) {
      for (const double value : state.values(i)) {
        ASSERT_TRUE(std::isnormal(value)) << value << " in accumulator " << i;
        ASSERT_GT(std::abs(value), 1e-4);
      }
    }
  };
  with_runnable_peaks([&](const PeakSpec& spec) {
    expect_normal(spec, PeakLoopKind::throughput);
    expect_normal(spec, PeakLoopKind::latency);
  });
}

// Prevents a second run from starting where the first one ended.
TEST(EveryPeak, StartsAgainAfterReset) {
  with_runnable_peaks([](const PeakSpec& spec) {
    PeakState state(spec);
    const std::vector<double> start = state.values(1);
    PeakCode(spec).run(3, state);
    state.reset();
    EXPECT_EQ(state.values(1), start);
  });
}

const PeakSpec& find_peak(std::string_view name) {
  for (const PeakSpec& spec : peak_specs()) {
    if (spec.name() == name) {
      return spec;
    }
  }
  throw std::invalid_argument(std::string(name));
}

// Hand arithmetic: lanes x operations of an instruction x instructions of a pass.
TEST(PeakSpec, CountsOperations) {
  const auto of_one = [](std::string_view name) {
    const PeakSpec& spec = find_peak(name);
    return static_cast<double>(spec.operations()) / static_cast<double>(spec.instructions());
  };
  EXPECT_EQ(of_one("f32 FMA 512 avx512f"), 32);
  EXPECT_EQ(of_one("f32 FMA scalar fma"), 2);
  EXPECT_EQ(of_one("f64 FMA 256 fma"), 8);
  EXPECT_EQ(of_one("f64 divide 128 avx"), 2);
  EXPECT_EQ(of_one("f32 multiply + add 128 sse2"), 4);
  EXPECT_EQ(of_one("f32 FMA + add 256 fma"), 12);
  EXPECT_NEAR(of_one("f32 2 FMA + add 256 fma"), 8 * 5 / 3.0, 1e-12);
  EXPECT_EQ(of_one("f16 FMA 512 avx512_fp16"), 64);
  EXPECT_EQ(of_one("bf16 dot product 512 avx512_bf16"), 64);
  EXPECT_EQ(of_one("s8 dot product 512 avx512_vnni"), 128);
  EXPECT_NEAR(of_one("s8 dot product 256 avx2"), 64 / 3.0, 1e-12);
  EXPECT_EQ(of_one("bf16 dot product tile amx_bf16"), 16 * 16 * 32 * 2);
  EXPECT_EQ(of_one("s8 dot product tile amx_int8"), 16 * 16 * 64 * 2);
  // A vector exp of 10 instructions, 5 of them FMAs.
  EXPECT_NEAR(of_one("f32 exp 512 avx512f"), 16 * 1.5, 1e-12);
}

TEST(PeakSpec, EveryNameIsAnother) {
  std::set<std::string> names;
  for (const PeakSpec& spec : peak_specs()) {
    EXPECT_TRUE(names.insert(spec.name()).second) << spec.name();
  }
}

// Latency x ports, or as many as there are registers for.
TEST(PeakSpec, HasEnoughIndependentAccumulators) {
  for (const PeakSpec& spec : peak_specs()) {
    EXPECT_GE(spec.accumulators(), spec.tile() ? 6 : spec.sequence ? 11 : 12) << spec.name();
    EXPECT_GE(spec.instructions(), 80) << spec.name();
    EXPECT_EQ(spec.accumulators() % (spec.sequence ? 1 : static_cast<int>(spec.steps.size())), 0);
  }
}

// A clock that moves on by a millisecond at each look.
Clock shared_ticks() {
  auto looks = std::make_shared<std::atomic<int>>(0);
  return [looks] { return 1e-3 * (*looks)++; };
}

const PeakSpec& sse() { return find_peak("f32 multiply + add 128 sse2"); }

TEST(PeakLoop, DividesOperationsByTheTimeOfTheClock) {
  const PeakLoop loop(sse(), shared_ticks());
  EXPECT_EQ(loop.operations(1000), 1000 * loop.operations(1));
  EXPECT_DOUBLE_EQ(loop.burst(1, 1e-3), static_cast<double>(loop.operations(1000)) / 1e-3);
  EXPECT_NEAR(loop.burst(1, 5e-3), static_cast<double>(loop.operations(1000)) / 1e-3, 1);
}

// Hand arithmetic: a pass of 20 ns at 2.99 GHz takes 59.8 cycles, so 90 additions, and 1000 of them
// 20 microseconds; here they take a millisecond.
TEST(PeakLoop, LooksAtTheClockRightAfterwards) {
  const PeakLoop loop(sse(), shared_ticks());
  const LoadedClock loaded(sse(), 20e-9, 2.99);
  EXPECT_EQ(loaded.additions(), 90);
  const PeakLook look = loop.look(1, 1e-3, loaded);
  EXPECT_DOUBLE_EQ(look.rate, static_cast<double>(loop.operations(1000)) / 1e-3);
  EXPECT_DOUBLE_EQ(look.ghz, 90.0 * 1000 / 1e-3 / 1e9);
}

// Hand arithmetic: 100 x 96 additions in a millisecond; half as many again as the clock ticks in
// the thousandth part of a millisecond.
TEST(PeakLoop, FindsHowManyAdditionsTakeLonger) {
  EXPECT_DOUBLE_EQ(look_at_clock(CycleCode(), shared_ticks()), 9600 / 1e-3 / 1e9);
  EXPECT_EQ(PeakLoop(sse(), shared_ticks()).loaded_clock(1).additions(),
            static_cast<int>(std::ceil(1.5 * 1e-6 * 9600 / 1e-3)));
}

TEST(PeakLoop, RunsOnSeveralThreads) {
  const PeakLoop loop(sse());
  EXPECT_GT(loop.burst(2, 1e-3), 0);
  EXPECT_GT(loop.look(2, 1e-3, loop.loaded_clock(2)).ghz, 0);
}

std::vector<std::string> candidate_names(Dtype dtype, const std::set<CpuFeature>& features) {
  std::vector<std::string> names;
  for (const PeakSpec* spec :
       peak_candidates(dtype, [&](CpuFeature f) { return features.contains(f); })) {
    names.push_back(spec->name());
  }
  return names;
}

// Prevents a percentage of the wrong ceiling: 100 % of SSE on an AVX-512 CPU.
TEST(PeakCandidates, AreWhatTheCpuHasTheBestFirst) {
  using enum CpuFeature;
  using testing::ElementsAre;
  using testing::IsSupersetOf;
  EXPECT_THAT(candidate_names(Dtype::f32, {sse2}), ElementsAre("f32 multiply + add 128 sse2"));
  EXPECT_EQ(candidate_names(Dtype::f32, {sse2, avx}).front(), "f32 multiply + add 256 avx");
  EXPECT_EQ(candidate_names(Dtype::f32, {sse2, avx, fma}).front(), "f32 FMA 256 fma");
  const std::set<CpuFeature> all{sse2,        avx,         fma,      avx512f, avx512_fp16,
                                 avx512_bf16, avx512_vnni, avx_vnni, amx_bf16};
  EXPECT_EQ(candidate_names(Dtype::f32, all).front(), "f32 FMA 512 avx512f");
  EXPECT_EQ(candidate_names(Dtype::f16, all).front(), "f16 FMA 512 avx512_fp16");
  EXPECT_THAT(candidate_names(Dtype::bf16, all),
              IsSupersetOf({"bf16 dot product tile amx_bf16", "bf16 dot product 512 avx512_bf16",
                            "f32 FMA 512 avx512f"}));
  EXPECT_THAT(candidate_names(Dtype::s8, all),
              IsSupersetOf({"s8 dot product 512 avx512_vnni", "s8 dot product 256 avx_vnni",
                            "s8 dot product 128 avx"}));
}

// Prevents "mistrusted" rows where the CPU's bf16 instruction is slower than its f32 FMA.
TEST(Fastest, IsTheOneMeasuredSo) {
  const auto candidates =
      peak_candidates(Dtype::bf16, [](CpuFeature f) { return f != CpuFeature::amx_bf16; });
  const auto rate = [&](double of_the_dot) {
    return [of_the_dot](const PeakSpec& spec) {
      return spec.dtype == "bf16" ? of_the_dot : spec.bits == 512 ? 180.0 : 90.0;
    };
  };
  EXPECT_EQ(fastest(candidates, rate(90)).name(), "f32 FMA 512 avx512f");
  EXPECT_EQ(fastest(candidates, rate(360)).name(), "bf16 dot product 512 avx512_bf16");
  // Prevents noise from choosing another row every time.
  EXPECT_EQ(fastest(candidates, rate(178)).name(), "bf16 dot product 512 avx512_bf16");
}

}  // namespace
}  // namespace flopmeter
