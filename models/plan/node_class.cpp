#include "models/plan/node_class.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace flopmeter::planner {
namespace {

std::int64_t side_of(std::int64_t pixels) {
  return std::max<std::int64_t>(1, std::llround(std::sqrt(static_cast<double>(pixels))));
}

struct Taps {
  std::int64_t size, stride;
};

/// Odd sizes, the padding that keeps the size: what networks are made of.
constexpr std::array<Taps, 4> taps_of_variants{{{3, 1}, {3, 2}, {5, 1}, {7, 2}}};

Taps taps_of(int variant) {
  return taps_of_variants.at(static_cast<std::size_t>(variant) % taps_of_variants.size());
}

std::string convolution(std::int64_t groups, std::int64_t ic, std::int64_t oc, std::int64_t pixels,
                        Taps taps) {
  const std::int64_t out = side_of(pixels);
  return fmt::format("g{}mb1ic{}ih{}oc{}oh{}kh{}sh{}ph{}", groups, ic, (out - 1) * taps.stride + 1,
                     oc, out, taps.size, taps.stride, taps.size / 2);
}

std::string conv_shape(const Place& at, int variant) {
  const Taps taps = taps_of(variant);
  return convolution(1, std::max<std::int64_t>(1, at[0] / (taps.size * taps.size)), at[1], at[2],
                     taps);
}

std::string conv1x1_shape(const Place& at, int variant) {
  return convolution(1, at[0], at[1], at[2], {1, variant % 3 == 2 ? 2 : 1});
}

std::string depthwise_shape(const Place& at, int variant) {
  const Taps taps = taps_of(variant);
  const std::int64_t size = std::min<std::int64_t>(taps.size, 5);
  return convolution(at[0], at[0], at[0], at[1], {size, taps.stride});
}

std::string gemm_shape(const Place& at, int /*variant*/) {
  return fmt::format("mb{}ic{}oc{}", at[0], at[2], at[1]);
}

std::string batched_shape(const Place& at, int variant) {
  return fmt::format("{0}x{1}x{3}:{0}x{3}x{2}{4}", at[0], at[1], at[2], at[3],
                     variant % 2 == 1 ? "_tb1" : "");
}

std::string pool_shape(const Place& at, int variant) {
  const std::int64_t channels = variant % 2 == 1 ? 128 : 64;
  const std::int64_t size = side_of(at[1]);
  const std::int64_t side = std::max(size, side_of(std::max<std::int64_t>(1, at[0] / channels)));
  const std::int64_t stride = std::max<std::int64_t>(1, size - 1);
  return fmt::format("mb1ic{}ih{}oh{}kh{}sh{}ph0", channels, side, (side - size) / stride + 1, size,
                     stride);
}

std::string rows_shape(const Place& at, int /*variant*/) {
  return fmt::format("mb{}c{}", at[0], at[1]);
}

std::string elements_shape(const Place& at, int variant) {
  const std::int64_t channels = variant % 2 == 1 ? 64 : 16;
  return fmt::format("mb1ic{}ih{}iw1", channels, std::max<std::int64_t>(1, at[0] / channels));
}

std::string sum_shape(const Place& at, int variant) {
  const std::int64_t channels = variant % 2 == 1 ? 64 : 16;
  const std::string one =
      fmt::format("1x{}x{}", channels, std::max<std::int64_t>(1, at[0] / channels));
  return one + ":" + one;
}

/// Heads brought in front of tokens, 64 features each: what attention moves.
std::string transpose_shape(const Place& at, int variant) {
  const std::int64_t heads = variant % 2 == 1 ? 4 : 12;
  return fmt::format("1x{}x{}x64:0x2x1x3", std::max<std::int64_t>(1, at[0] / (heads * 64)), heads);
}

std::string reduction_shape(const Place& at, int /*variant*/) {
  return fmt::format("{0}x{1}:{0}x1", at[0], at[1]);
}

std::string recurrent_shape(const Place& at, int /*variant*/) {
  return fmt::format("l1t{2}mb{1}slc{0}dhc{0}", at[0], at[1], at[2]);
}

std::string rows_of_table(const Place& at, int /*variant*/) {
  return fmt::format("mb{}vocab30000dim512", std::max<std::int64_t>(1, at[0] / 512));
}

const std::vector<NodeClass>& class_table() {
  static const std::vector<NodeClass> table{
      {"conv",
       Work::flops,
       {{"ic x taps", 27, 4608}, {"oc", 16, 512}, {"pixels", 49, 65536}},
       2,
       "conv2d",
       conv_shape},
      {"conv1x1",
       Work::flops,
       {{"ic", 16, 2048}, {"oc", 16, 2048}, {"pixels", 49, 65536}},
       2,
       "conv2d",
       conv1x1_shape},
      {"depthwise",
       Work::flops,
       {{"channels", 16, 1024}, {"pixels", 49, 65536}},
       1,
       "conv2d",
       depthwise_shape},
      {"gemm",
       Work::flops,
       {{"m", 1, 4096}, {"n", 16, 4096}, {"k", 16, 4096}},
       0,
       "linear",
       gemm_shape},
      {"batched",
       Work::flops,
       {{"batch", 1, 256}, {"m", 1, 1024}, {"n", 16, 1024}, {"k", 16, 1024}},
       0,
       "matmul",
       batched_shape},
      {"pool",
       Work::bytes,
       {{"elements", 4096, 4194304}, {"taps", 4, 49}},
       0,
       "max_pool",
       pool_shape},
      {"norm", Work::bytes, {{"rows", 1, 8192}, {"length", 64, 4096}}, 0, "layernorm", rows_shape},
      {"softmax",
       Work::bytes,
       {{"rows", 16, 65536}, {"length", 16, 4096}},
       0,
       "softmax",
       rows_shape},
      {"eltwise", Work::bytes, {{"elements", 1024, 8388608}}, 0, "relu", elements_shape},
      {"costly", Work::bytes, {{"elements", 1024, 8388608}}, 0, "gelu_erf", elements_shape},
      {"binary", Work::bytes, {{"elements", 1024, 8388608}}, 0, "add", sum_shape},
      {"recurrent",
       Work::flops,
       {{"hidden", 64, 1024}, {"samples", 1, 64}, {"steps", 1, 64}},
       1,
       "lstm",
       recurrent_shape},
      {"gather", Work::bytes, {{"elements", 512, 1048576}}, 0, "embedding", rows_of_table},
      {"move", Work::bytes, {{"elements", 1024, 8388608}}, 0, "transpose", transpose_shape},
      {"reduce",
       Work::bytes,
       {{"rows", 1, 8192}, {"length", 16, 4096}},
       0,
       "reduce_mean",
       reduction_shape},
  };
  return table;
}

}  // namespace

std::span<const NodeClass> node_classes() { return class_table(); }

const NodeClass* find_class(std::string_view name) {
  const auto found = std::ranges::find(class_table(), name, &NodeClass::name);
  return found == class_table().end() ? nullptr : &*found;
}

}  // namespace flopmeter::planner
