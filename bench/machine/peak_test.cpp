#include "bench/machine/peak.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <set>

namespace flopmeter {
namespace {

using testing::Each;

class EveryPeak : public testing::TestWithParam<PeakSpec> {
 protected:
  void SetUp() override {
    if (!cpu_has(GetParam().needs)) {
      GTEST_SKIP() << "this CPU cannot run " << GetParam().instruction;
    }
  }
};

// Prevents a loop that does less than it is credited with: every lane of every accumulator holds
// the sum of exactly as many operations as are counted.
TEST_P(EveryPeak, ComputesTheClosedFormInEveryLane) {
  const PeakSpec& spec = GetParam();
  const PeakCode code(spec);
  for (const std::int64_t passes : {1, 2, 1000}) {
    std::vector<float> values = peak_start(spec);
    code.run(passes, values.data());
    const auto lanes = static_cast<std::size_t>(spec.lanes());
    for (int i = 0; i < spec.accumulators; ++i) {
      const auto* begin = values.data() + static_cast<std::size_t>(i) * lanes;
      const auto expected = static_cast<float>(peak_result(spec, i, passes));
      EXPECT_THAT(std::vector<float>(begin, begin + lanes), Each(expected)) << "accumulator " << i;
      EXPECT_TRUE(std::isnormal(expected));
    }
  }
}

TEST_P(EveryPeak, CountsOperations) {
  const PeakSpec& spec = GetParam();
  const PeakLoop loop(spec);
  EXPECT_EQ(loop.operations(1), std::int64_t{spec.unroll()} * spec.accumulators * spec.operations);
  EXPECT_EQ(loop.operations(1000), 1000 * loop.operations(1));
  const int in_one = spec.kind == PeakKind::multiply_add ? 1 : 2;
  const int products = spec.kind == PeakKind::integer_dot ? 4 : spec.kind == PeakKind::dot ? 2 : 1;
  EXPECT_EQ(spec.operations, spec.lanes() * in_one * products);
}

TEST_P(EveryPeak, HasEnoughIndependentAccumulators) {
  EXPECT_GE(GetParam().accumulators, 12);
  EXPECT_LE(GetParam().accumulators, GetParam().bits == 512 ? 30 : 14);
  EXPECT_GE(GetParam().unroll() * GetParam().accumulators, 80);
}

INSTANTIATE_TEST_SUITE_P(Table, EveryPeak, testing::ValuesIn(peak_specs()), [](const auto& row) {
  std::string name(row.param.name);
  std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0; });
  return name;
});

// A clock that moves on by a millisecond at each look.
Clock shared_ticks() {
  auto looks = std::make_shared<std::atomic<int>>(0);
  return [looks] { return 1e-3 * (*looks)++; };
}

TEST(PeakLoop, DividesOperationsByTheTimeOfTheClock) {
  const PeakLoop loop(peak_spec(Dtype::f32), shared_ticks());
  EXPECT_DOUBLE_EQ(loop.burst(1, 1e-3), static_cast<double>(loop.operations(1000)) / 1e-3);
  EXPECT_NEAR(loop.burst(1, 5e-3), static_cast<double>(loop.operations(1000)) / 1e-3, 1);
}

TEST(PeakLoop, RunsOnSeveralThreads) {
  const PeakLoop loop(peak_spec(Dtype::f32));
  EXPECT_GT(loop.burst(2, 1e-3), 0);
}

bool has(const std::set<CpuFeature>& features, CpuFeature feature) {
  return features.contains(feature);
}

// Prevents a percentage of the wrong ceiling: 100 % of SSE on an AVX-512 CPU.
TEST(PeakSpec, TakesTheWidestThatTheCpuHas) {
  const auto chosen = [](Dtype dtype, std::set<CpuFeature> features) {
    return peak_spec(dtype, [&](CpuFeature f) { return has(features, f); }).instruction;
  };
  using enum CpuFeature;
  EXPECT_EQ(chosen(Dtype::f32, {sse2}), "mulps xmm, addps xmm");
  EXPECT_EQ(chosen(Dtype::f32, {sse2, avx}), "vmulps ymm, vaddps ymm");
  EXPECT_EQ(chosen(Dtype::f32, {sse2, avx, fma}), "vfmadd231ps ymm");
  EXPECT_EQ(chosen(Dtype::f32, {sse2, avx, fma, avx512f}), "vfmadd231ps zmm");
  EXPECT_EQ(chosen(Dtype::bf16, {sse2, avx, fma, avx512f}), "vfmadd231ps zmm");
  EXPECT_EQ(chosen(Dtype::bf16, {sse2, avx, fma, avx512f, avx512_bf16}), "vdpbf16ps zmm");
  EXPECT_EQ(chosen(Dtype::s8, {sse2, avx, fma, avx512f, avx512_vnni}), "vpdpbusd zmm");
  EXPECT_EQ(chosen(Dtype::s8, {sse2, avx, fma, avx_vnni}), "vpdpbusd ymm");
}

}  // namespace
}  // namespace flopmeter
