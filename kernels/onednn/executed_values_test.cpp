// Known executed counts of Eigen's and oneDNN's code for AVX-512. Each was found by two programs of
// other hands, so that a wrong table of instructions or a lost block shows here; those of oneDNN 3
// that differ were found by this one alone, in 3.7.2.
#include <gtest/gtest.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>

#include <Eigen/Core>
#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "counters/executed/counter.h"
#include "kernels/onednn/describe.h"

namespace flopmeter {
namespace {

using dnnl::memory;

constexpr auto f32 = memory::data_type::f32;
constexpr auto any = memory::format_tag::any;

struct Counts {
  OpCounts active;
  OpCounts full;
};

/// Of one call, after one that is not counted.
Counts counts_of(const std::function<void()>& call) {
  call();
  const executed::Totals totals = executed::count(call);
  return {executed::op_counts(totals, executed::Lanes::active),
          executed::op_counts(totals, executed::Lanes::full)};
}

class ExecutedValues : public testing::Test {
 protected:
  void SetUp() override {
    omp_set_num_threads(1);  // before a primitive is made
    if (const int isa = dnnl_get_effective_cpu_isa();
        (isa & dnnl_cpu_isa_avx512_core) != dnnl_cpu_isa_avx512_core)
      GTEST_SKIP() << "the values are those of AVX-512 code";
  }
};

bool is_version_3() { return onednn::is_at_least(3, 0); }

OpCounts sgemm(int n) {
  const std::vector<float> a(n * n, 1.0F);
  std::vector<float> c(n * n);
  return counts_of([&] {
           dnnl_sgemm('N', 'N', n, n, n, 1.0F, a.data(), n, a.data(), n, 0.0F, c.data(), n);
         })
      .active;
}

TEST_F(ExecutedValues, Sgemm) {
  EXPECT_EQ(sgemm(64).macs, 262'144);
  EXPECT_EQ(sgemm(64).multiplies - sgemm(64).macs, 64 * 64 + (is_version_3() ? 1 : 0))
      << "by alpha";
  EXPECT_EQ(sgemm(256).macs, 16'777'216);
  EXPECT_EQ(sgemm(50).macs, 160'000) << "columns filled up to 64";
}

TEST_F(ExecutedValues, EigenMultipliesByAlpha) {
#ifndef __AVX512F__
  GTEST_SKIP() << "Eigen is compiled for another CPU";
#endif
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic>;
  const Matrix a = Matrix::Random(64, 64);
  Matrix c(64, 64);
  EXPECT_EQ(counts_of([&] { c.noalias() = a * a; }).active.macs, 266'240) << "n^3 + n^2";
}

struct Convolution {
  int groups, ic, ih, oc, kernel, stride, padding;
  dnnl::algorithm algorithm = dnnl::algorithm::convolution_direct;

  int oh() const { return (ih + 2 * padding - kernel) / stride + 1; }
  memory::dims weights() const {
    return groups == 1 ? memory::dims{oc, ic, kernel, kernel}
                       : memory::dims{groups, oc / groups, ic / groups, kernel, kernel};
  }
};

Counts counts_of(const Convolution& c) {
  const dnnl::engine& engine = onednn::engine();
  dnnl::stream stream(engine);
  const memory::dims strides{c.stride, c.stride};
  const memory::dims padding{c.padding, c.padding};
  const auto chosen = onednn::describe<dnnl::convolution_forward>(
      dnnl::prop_kind::forward_inference, c.algorithm,
      memory::desc({1, c.ic, c.ih, c.ih}, f32, any), memory::desc(c.weights(), f32, any),
      memory::desc({1, c.oc, c.oh(), c.oh()}, f32, any), strides, padding, padding);
  const std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, memory(chosen.src_desc(), engine)},
      {DNNL_ARG_WEIGHTS, memory(chosen.weights_desc(), engine)},
      {DNNL_ARG_DST, memory(chosen.dst_desc(), engine)}};
  const dnnl::convolution_forward primitive(chosen);
  return counts_of([&] { primitive.execute(stream, arguments); });
}

TEST_F(ExecutedValues, ConvolutionsSkipPaddedTaps) {
  EXPECT_EQ(counts_of({1, 64, 56, 64, 3, 1, 1}).active.macs, 112'869'376);
  EXPECT_EQ(counts_of({1, 3, 224, 64, 7, 2, 3}).active.macs, 116'214'528)
      << "3 channels as they are";
}

TEST_F(ExecutedValues, ConvolutionsFillUpOutputChannels) {
  std::int64_t executed = 0;
  for (const int channels : {3, 10, 16})
    executed += counts_of({1, channels, 28, 10, 3, 1, 1}).active.macs;
  const std::int64_t formula = 28 * 28 * 10 * 9 * (3 + 10 + 16);
  EXPECT_EQ(executed, 3'119'936);
  EXPECT_NEAR(static_cast<double>(executed) / static_cast<double>(formula), 1.5247, 5e-5);
}

TEST_F(ExecutedValues, Winograd) {
  if (is_version_3()) {
    GTEST_SKIP() << "oneDNN 3 has no Winograd for these CPUs";
  }
  const Counts counts = counts_of({1, 64, 56, 64, 3, 1, 1, dnnl::algorithm::convolution_winograd});
  // 51,380,224 or 55,050,240: how the image is divided depends on the caches.
  constexpr std::int64_t direct = 115'605'504;
  EXPECT_GT(counts.active.macs, direct * 4 / 9 - 1);
  EXPECT_LT(counts.active.macs, direct / 2);
  EXPECT_NEAR(static_cast<double>(counts.active.adds - counts.active.macs), 3e6, 0.5e6)
      << "of the transforms";
}

TEST_F(ExecutedValues, DepthwiseConvolutionsMaskLanes) {
  const Counts counts = counts_of({20, 20, 14, 20, 3, 1, 1});
  EXPECT_EQ(counts.active.macs, is_version_3() ? 51'200 : 32'000) << "3 computes 32 channels";
  EXPECT_EQ(counts.full.macs, 51'200);
}

OpCounts activation(dnnl::algorithm algorithm, int elements) {
  const dnnl::engine& engine = onednn::engine();
  dnnl::stream stream(engine);
  const memory::desc shape({elements}, f32, memory::format_tag::a);
  const auto chosen =
      onednn::describe_eltwise(dnnl::prop_kind::forward_inference, algorithm, shape, 0.0F, 0.0F);
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, memory(shape, engine)},
                                                  {DNNL_ARG_DST, memory(shape, engine)}};
  const dnnl::eltwise_forward primitive(chosen);
  return counts_of([&] { primitive.execute(stream, arguments); }).active;
}

TEST_F(ExecutedValues, ActivationsArePolynomials) {
  EXPECT_EQ(activation(dnnl::algorithm::eltwise_gelu_erf, 1600).fmas,
            (is_version_3() ? 5 : 13) * 1600);
  EXPECT_EQ(activation(dnnl::algorithm::eltwise_gelu_tanh, 1600).fmas, 7 * 1600);
}

}  // namespace
}  // namespace flopmeter
