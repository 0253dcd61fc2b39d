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
  };
  return table;
}

/// The named integers of a shape; 1 for those that the layer does not have.
class Named {
 public:
  Named(const AnyLayer& layer, const Values& values) : layer_(layer), values_(values) {}

  std::int64_t operator[](std::string_view key) const { return of(key, 1); }

  std::int64_t of(std::string_view key, std::int64_t otherwise) const {
    for (std::size_t i = 0; i < layer_.fields.size(); ++i) {
      if (layer_.fields[i].key == key) {
        return values_.at(i);
      }
    }
    return otherwise;
  }

  /// Of what begins with this letter: "o" is od x oh x ow.
  std::int64_t volume(char prefix) const {
    std::int64_t all = 1;
    for (const char axis : {'d', 'h', 'w'}) {
      all *= of(std::string{prefix, axis}, 1);
    }
    return all;
  }

 private:
  const AnyLayer& layer_;
  const Values& values_;
};

double product(std::initializer_list<std::int64_t> factors) {
  double all = 1;
  for (const std::int64_t factor : factors) {
    all *= static_cast<double>(factor);
  }
  return all;
}

Located flops_at(std::string_view name, Place at, double macs) {
  return {find_class(name), std::move(at), 2 * macs};
}

Located elements_at(std::string_view name, Place at, double elements) {
  return {find_class(name), std::move(at), elements};
}

/// A transposed convolution does as many MACs as the convolution that it turns round.
std::vector<Located> locate_convolution(const Named& s, bool transposed) {
  const std::int64_t groups = s["g"];
  const std::int64_t ic = s["ic"] / groups;
  const std::int64_t oc = s["oc"] / groups;
  const std::int64_t taps = s.volume('k');
  const std::int64_t pixels = s["mb"] * s.volume(transposed ? 'i' : 'o');
  if (groups > 1 && ic == 1 && oc == 1 && !transposed) {
    return {flops_at("depthwise", {groups, pixels}, product({groups, pixels, taps}))};
  }
  Located one = taps == 1
                    ? flops_at("conv1x1", {ic, oc, pixels}, product({ic, oc, pixels}))
                    : flops_at("conv", {ic * taps, oc, pixels}, product({ic, taps, oc, pixels}));
  one.repeat = static_cast<double>(groups);
  one.approximation = transposed   ? "a transposed convolution, as the convolution of its input"
                      : groups > 1 ? "groups, as convolutions one after the other"
                                   : "";
  return {one};
}

Located batched_product(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k) {
  return flops_at("batched", {batch, m, n, k}, product({batch, m, n, k}));
}

Located rows_at(std::string_view name, std::int64_t rows, std::int64_t length) {
  return elements_at(name, {rows, length}, 2 * product({rows, length}));
}

std::vector<Located> locate_conv(const Named& s) { return locate_convolution(s, false); }
std::vector<Located> locate_transposed(const Named& s) { return locate_convolution(s, true); }

std::vector<Located> locate_linear(const Named& s) {
  const std::int64_t k = s["ic"] * s.volume('i');
  return {flops_at("gemm", {s["mb"], s["oc"], k}, product({s["mb"], s["oc"], k}))};
}

std::vector<Located> locate_matmul(const Named& s) {
  const std::int64_t batch = std::max(s["ba"], s["bb"]);
  return {batch == 1 ? flops_at("gemm", {s["m"], s["n"], s["k"]}, product({s["m"], s["n"], s["k"]}))
                     : batched_product(batch, s["m"], s["n"], s["k"])};
}

std::vector<Located> locate_sdpa(const Named& s) {
  const std::int64_t batch = s["mb"] * s["h"];
  return {batched_product(batch, s["lq"], s["lk"], s["d"]),
          rows_at("softmax", batch * s["lq"], s["lk"]),
          batched_product(batch, s["lq"], s.of("dv", s["d"]), s["lk"])};
}

std::vector<Located> locate_pool(const Named& s) {
  const std::int64_t elements = s["mb"] * s["ic"] * s.volume('i');
  const std::int64_t taps =
      std::max<std::int64_t>(1, s.of("kh", 0) > 0 ? s.volume('k') : s.volume('i') / s.volume('o'));
  return {elements_at("pool", {elements, taps}, static_cast<double>(elements))};
}

std::vector<Located> locate_rows(const Named& s) { return {rows_at("norm", s["mb"], s["c"])}; }
std::vector<Located> locate_softmax(const Named& s) {
  return {rows_at("softmax", s["mb"], s["c"])};
}

std::vector<Located> locate_planes(const Named& s) {
  const std::int64_t rows = s["mb"] * s.of("g", s["ic"]);
  Located one =
      rows_at("norm", rows, std::max<std::int64_t>(1, s["mb"] * s["ic"] * s.volume('i') / rows));
  one.approximation = "as a layer norm of as many rows";
  return {one};
}

/// A gate is a product with the inputs and one with the hidden state; they are as one of their mean.
std::vector<Located> recurrent(const Named& s, std::int64_t gates) {
  const std::int64_t hidden = s["dhc"];
  Located one = flops_at("recurrent", {hidden, s["mb"], s["t"]},
                         product({gates, s["slc"] + hidden, hidden, s["mb"], s["t"]}));
  one.repeat = static_cast<double>(s["l"] * s["dir"]);
  one.approximation = gates == 4 ? "" : "as an LSTM of as many operations";
  return {one};
}
std::vector<Located> locate_lstm(const Named& s) { return recurrent(s, 4); }
std::vector<Located> locate_gru(const Named& s) { return recurrent(s, 3); }
std::vector<Located> locate_rnn(const Named& s) { return recurrent(s, 1); }

std::vector<Located> locate_table(const Named& s) {
  const std::int64_t elements = s["mb"] * s["dim"];
  return {elements_at("gather", {elements}, 2 * static_cast<double>(elements))};
}

struct LayerRow {
  std::string_view layer;
  std::vector<Located> (*locate)(const Named&);
};

constexpr std::array layer_table{
    LayerRow{"conv1d", locate_conv},
    LayerRow{"conv2d", locate_conv},
    LayerRow{"conv3d", locate_conv},
    LayerRow{"conv_transpose1d", locate_transposed},
    LayerRow{"conv_transpose2d", locate_transposed},
    LayerRow{"conv_transpose3d", locate_transposed},
    LayerRow{"linear", locate_linear},
    LayerRow{"matmul", locate_matmul},
    LayerRow{"sdpa", locate_sdpa},
    LayerRow{"max_pool", locate_pool},
    LayerRow{"avg_pool", locate_pool},
    LayerRow{"adaptive_avg_pool", locate_pool},
    LayerRow{"layernorm", locate_rows},
    LayerRow{"rmsnorm", locate_rows},
    LayerRow{"softmax", locate_softmax},
    LayerRow{"log_softmax", locate_softmax},
    LayerRow{"groupnorm", locate_planes},
    LayerRow{"instancenorm", locate_planes},
    LayerRow{"lstm", locate_lstm},
    LayerRow{"gru", locate_gru},
    LayerRow{"rnn", locate_rnn},
    LayerRow{"embedding", locate_table},
};

/// Classes of layers that go once through their data.
struct StreamRow {
  std::string_view layer, kind;
};
constexpr std::array stream_table{
    StreamRow{"relu", "eltwise"},     StreamRow{"leaky_relu", "eltwise"},
    StreamRow{"hardtanh", "eltwise"}, StreamRow{"hardswish", "eltwise"},
    StreamRow{"clip", "eltwise"},     StreamRow{"batchnorm", "eltwise"},
    StreamRow{"gelu_erf", "costly"},  StreamRow{"gelu_tanh", "costly"},
    StreamRow{"silu", "costly"},      StreamRow{"sigmoid", "costly"},
    StreamRow{"tanh", "costly"},      StreamRow{"exp", "costly"},
    StreamRow{"add", "binary"},       StreamRow{"sub", "binary"},
    StreamRow{"mul", "binary"},       StreamRow{"div", "binary"},
};

std::int64_t written_elements(const AnyLayer& layer, const Values& values) {
  std::int64_t sum = 0;
  for (const Operand& operand : layer.operands(values, Pass::forward)) {
    sum += operand.role == Role::output ? elements(operand) : 0;
  }
  return std::max<std::int64_t>(sum, 1);
}

/// Elements that go in and out.
Located stream(std::string_view kind, std::int64_t written) {
  const std::int64_t streams = kind == "binary" ? 3 : 2;
  return elements_at(kind, {written}, static_cast<double>(streams * written));
}

Located locate_stream(const AnyLayer& layer, const Values& values) {
  const auto* const row = std::ranges::find(stream_table, layer.name, &StreamRow::layer);
  const bool known = row != stream_table.end();
  Located one = stream(known ? row->kind : "eltwise", written_elements(layer, values));
  one.approximation =
      known ? "" : fmt::format("no class for {}: as one pass over its results", layer.name);
  return one;
}

}  // namespace

std::span<const NodeClass> node_classes() { return class_table(); }

const NodeClass* find_class(std::string_view name) {
  const auto found = std::ranges::find(class_table(), name, &NodeClass::name);
  return found == class_table().end() ? nullptr : &*found;
}

std::vector<Located> locate(const AnyLayer& layer, const Values& values) {
  const auto* const row = std::ranges::find(layer_table, layer.name, &LayerRow::layer);
  if (row != layer_table.end()) {
    return row->locate(Named(layer, values));
  }
  if (!layer.components) {
    return {locate_stream(layer, values)};
  }
  std::vector<Located> all;
  for (const Component& part : layer.components(values, Pass::forward)) {
    std::ranges::move(locate(*part.layer, part.values), std::back_inserter(all));
  }
  return all;
}

Located located_copy(std::int64_t elements) {
  Located one = stream("eltwise", std::max<std::int64_t>(elements, 1));
  one.approximation = "a copy, as one pass over its results";
  return one;
}

Located scaled(Located located, std::int64_t batch) {
  std::int64_t& axis = located.at.at(located.kind->batch_axis);
  axis = checked_multiply(axis, batch);
  located.work *= static_cast<double>(batch);
  return located;
}

}  // namespace flopmeter::planner
