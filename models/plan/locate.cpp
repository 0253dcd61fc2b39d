// Where layers stand in the axes of their classes.
#include <algorithm>
#include <array>

#include "models/plan/node_class.h"

namespace flopmeter::planner {
namespace {

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

/// Rows are results, their length how much each is made of.
Located located_reduction(std::int64_t read, std::int64_t written) {
  const std::int64_t length = std::max<std::int64_t>(1, read / written);
  return elements_at("reduce", {written, length}, static_cast<double>(read + written));
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
    StreamRow{"relu", "eltwise"},       StreamRow{"leaky_relu", "eltwise"},
    StreamRow{"hardtanh", "eltwise"},   StreamRow{"hardswish", "eltwise"},
    StreamRow{"clip", "eltwise"},       StreamRow{"batchnorm", "eltwise"},
    StreamRow{"gelu_erf", "costly"},    StreamRow{"gelu_tanh", "costly"},
    StreamRow{"silu", "costly"},        StreamRow{"sigmoid", "costly"},
    StreamRow{"tanh", "costly"},        StreamRow{"exp", "costly"},
    StreamRow{"add", "binary"},         StreamRow{"sub", "binary"},
    StreamRow{"mul", "binary"},         StreamRow{"div", "binary"},
    StreamRow{"transpose", "move"},     StreamRow{"concat", "move"},
    StreamRow{"slice", "move"},         StreamRow{"split", "move"},
    StreamRow{"pad", "move"},           StreamRow{"tile", "move"},
    StreamRow{"broadcast_to", "move"},  StreamRow{"gather", "move"},
    StreamRow{"pixel_shuffle", "move"}, StreamRow{"depth_to_space", "move"},
    StreamRow{"elu", "costly"},         StreamRow{"erf", "costly"},
    StreamRow{"relu6", "eltwise"},      StreamRow{"sqrt", "eltwise"},
    StreamRow{"clamp", "eltwise"},      StreamRow{"square", "eltwise"},
    StreamRow{"prelu", "binary"},       StreamRow{"max", "binary"},
    StreamRow{"min", "binary"},
};

std::int64_t elements_of_role(const AnyLayer& layer, const Values& values, Role role) {
  std::int64_t sum = 0;
  for (const Operand& operand : layer.operands(values, Pass::forward)) {
    sum += operand.role == role ? elements(operand) : 0;
  }
  return std::max<std::int64_t>(sum, 1);
}

std::int64_t written_elements(const AnyLayer& layer, const Values& values) {
  return elements_of_role(layer, values, Role::output);
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

std::vector<Located> locate(const AnyLayer& layer, const Values& values) {
  const auto* const row = std::ranges::find(layer_table, layer.name, &LayerRow::layer);
  if (row != layer_table.end()) {
    return row->locate(Named(layer, values));
  }
  if (layer.name.starts_with("reduce_") || layer.name.starts_with("arg")) {
    return {located_reduction(elements_of_role(layer, values, Role::input),
                              written_elements(layer, values))};
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
