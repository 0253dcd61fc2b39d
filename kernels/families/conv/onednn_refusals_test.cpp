// What is refused because oneDNN crashes: once it does not any more, a test here fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "kernels/conv1d/conv1d.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/onednn/describe.h"

namespace flopmeter::conv {
namespace {

using dnnl::memory;

constexpr auto f32 = memory::data_type::f32;

/// Three outputs with one tap each, at -3, -1 and 1 of one input, by 20 channels to 4.
constexpr std::string_view row_without_input = "mb1ic20iw1oc4ow3kw1sw2pw3";

dnnl::convolution_forward::primitive_desc described() {
  const auto any = memory::format_tag::any;
  return onednn::describe<dnnl::convolution_forward>(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      memory::desc({1, 20, 1}, f32, any), memory::desc({4, 20, 1}, f32, any),
      memory::desc({4}, f32, memory::format_tag::a), memory::desc({1, 4, 3}, f32, any),
      memory::dims{2}, memory::dims{0}, memory::dims{3}, memory::dims{1});
}

void execute(const dnnl::convolution_forward::primitive_desc& description) {
  const dnnl::engine& engine = onednn::engine();
  std::vector<float> bias(4);
  const std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, memory(description.src_desc(), engine)},
      {DNNL_ARG_WEIGHTS, memory(description.weights_desc(), engine)},
      {DNNL_ARG_BIAS, memory({{4}, f32, memory::format_tag::a}, engine, bias.data())},
      {DNNL_ARG_DST, memory(description.dst_desc(), engine)}};
  dnnl::stream stream(engine);
  dnnl::convolution_forward(description).execute(stream, arguments);
  stream.wait();
}

TEST(ConvRefusals, ARowWithoutInputIsRefusedByNameInVersion3) {
  const auto shape = parse_shape<conv1d::Layer>(row_without_input);
  Tensors<float> tensors(conv1d::Layer::operands(shape, Pass::forward));
  fill(tensors, 1);
  const Preparation result = conv1d::Layer::backends()[2].prepare(shape, {}, tensors);
  const auto* refused = std::get_if<Unavailable>(&result);
  ASSERT_EQ(refused != nullptr, onednn::is_at_least(3, 0));
  if (refused != nullptr) {
    EXPECT_THAT(refused->reason, testing::HasSubstr("(seen in 3.7.2)"));
  }
}

// Where this fails, the refusal is to end with the version before.
TEST(ConvRefusals, ARowWithoutInputStillCrashesInVersion3) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  omp_set_num_threads(1);
  const auto description = described();
  if (!onednn::is_at_least(3, 0) ||
      !std::string_view(description.impl_info_str()).starts_with("brg_conv_fwd")) {
    GTEST_SKIP() << description.impl_info_str() << " does not";
  }
  EXPECT_DEATH(execute(description), "");
}

constexpr std::string_view one_tap = "mb1ic1024ih7oc512oh7kh1ph0";

Preparation prepared_conv2d(std::string_view text, Pass pass, Dtype dtype) {
  const auto shape = parse_shape<conv2d::Layer>(text);
  Tensors<float> tensors(conv2d::Layer::operands(shape, pass));
  fill(tensors, 1);
  return conv2d::Layer::backends()[2].prepare(shape, {.pass = pass, .dtype = dtype}, tensors);
}

TEST(ConvRefusals, OneTapByFivePairsOfChannelsIsAskedForInBlocksInVersion3) {
  for (const char* shape : {"mb1ic1024ih7oc512oh7kh1ph0", "mb1ic512ih7oc1024oh4kh1sh2ph0",
                            "mb1ic1024ih7oc256oh7kh1ph0"}) {
    const Preparation result = prepared_conv2d(shape, Pass::forward, Dtype::f32);
    ASSERT_TRUE(std::holds_alternative<Prepared>(result)) << shape;
    EXPECT_THAT(std::get<Prepared>(result).implementation, testing::Not(testing::HasSubstr("ref")));
  }
  const Preparation bytes = prepared_conv2d(one_tap, Pass::forward, Dtype::s8);
  if (const auto* refused = std::get_if<Unavailable>(&bytes);
      refused != nullptr && onednn::is_at_least(3, 0)) {
    EXPECT_THAT(refused->reason, testing::HasSubstr("(seen in 3.7.2)"));
  }
}

// Where this fails, blocks and the refusal of 8 bits are to end with the version before.
TEST(ConvRefusals, OneTapByFivePairsOfChannelsStillDividesByZeroInVersion3) {
  if (!onednn::is_at_least(3, 0)) {
    GTEST_SKIP() << "oneDNN " << onednn::version() << " does not";
  }
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto describe_it = [] {
    const auto any = memory::format_tag::any;
    onednn::describe<dnnl::convolution_forward>(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
        memory::desc({1, 1024, 7, 7}, f32, any), memory::desc({512, 1024, 1, 1}, f32, any),
        memory::desc({512}, f32, memory::format_tag::a), memory::desc({1, 512, 7, 7}, f32, any),
        memory::dims{1, 1}, memory::dims{0, 0}, memory::dims{0, 0}, memory::dims{0, 0});
  };
  EXPECT_DEATH(describe_it(), "");
}

}  // namespace
}  // namespace flopmeter::conv
