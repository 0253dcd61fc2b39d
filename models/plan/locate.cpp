// Where layers stand in the axes of their classes.
#include <algorithm>
#include <array>

#include "kernels/named_value.h"
#include "models/plan/node_class.h"

namespace flopmeter::planner {
namespace {

/// The named integers of a shape; 1 for those that the layer does not have.
class Named {
 public:
  Named(const AnyLayer& layer, const Values& values) : layer_(layer), values_(values) {}

  std::int64_t operator[](std::string_view key) const { return of(key, 1); }

  std::int64_t of(std::string_view key, std::int64_t otherwise) const {
    return named_value(layer_, values_, key, otherwise);
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

std::vector<Located> locate_conv(const Named& s) {
  const std::int64_t groups = s["g"];
  const std::int64_t ic = s["ic"] / groups;
  const std::int64_t oc = s["oc"] / groups;
  const std::int64_t taps = s.volume('k');
  const std::int64_t pixels = s["mb"] * s.volume('o');
  const std::int64_t stride = std::max(s["sh"], s["sw"]);
  const double macs = product({groups, ic, oc, taps, pixels});
  if (groups > 1 && ic == 1 && oc == 1) {
    return {flops_at("depthwise", {groups, taps, stride, s["ow"], pixels}, macs)};
  }
  return {groups > 1  ? flops_at("grouped", {groups, ic, oc, taps, stride, pixels}, macs)
          : taps == 1 ? flops_at("conv1x1", {ic, oc, stride, s["ow"], pixels}, macs)
                      : flops_at("conv", {ic, oc, taps, stride, s["ow"], pixels}, macs)};
}

/// As many MACs as the convolution that it turns round.
std::vector<Located> locate_transposed(const Named& s) {
  const std::int64_t groups = s["g"];
  const std::int64_t ic = s["ic"] / groups;
  const std::int64_t oc = s["oc"] / groups;
  const std::int64_t taps = s.volume('k');
  const std::int64_t pixels = s["mb"] * s.volume('i');
  Located one = flops_at("transposed", {ic, oc, taps, pixels}, product({ic, taps, oc, pixels}));
  one.repeat = static_cast<double>(groups);
  one.approximation = groups > 1 ? "groups, as convolutions one after the other" : "";
  return {one};
}

/// One row of the left factor is another kernel than many.
Located product_at(std::int64_t m, std::int64_t n, std::int64_t k) {
  return m == 1 ? flops_at("gemv", {n, k}, product({n, k}))
                : flops_at("gemm", {m, n, k}, product({m, n, k}));
}

Located batched_product(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k) {
  return flops_at("batched", {batch, m, n, k}, product({batch, m, n, k}));
}

Located rows_at(std::string_view name, std::int64_t rows, std::int64_t length) {
  return elements_at(name, {rows, length}, 2 * product({rows, length}));
}

std::vector<Located> locate_linear(const Named& s) {
  return {product_at(s["mb"], s["oc"], s["ic"] * s.volume('i'))};
}

std::vector<Located> locate_matmul(const Named& s) {
  const std::int64_t batch = std::max(s["ba"], s["bb"]);
  return {batch == 1 ? product_at(s["m"], s["n"], s["k"])
                     : batched_product(batch, s["m"], s["n"], s["k"])};
}

std::vector<Located> locate_sdpa(const Named& s) {
  const std::int64_t batch = s["mb"] * s["h"];
  return {batched_product(batch, s["lq"], s["lk"], s["d"]),
          rows_at("softmax", batch * s["lq"], s["lk"]),
          batched_product(batch, s["lq"], s.of("dv", s["d"]), s["lk"])};
}

std::vector<Located> locate_pool(const Named& s) {
  const std::int64_t planes = s["mb"] * s["ic"];
  const std::int64_t in = planes * s.volume('i');
  const std::int64_t out = planes * s.volume('o');
  const std::int64_t taps =
      std::max<std::int64_t>(1, s.of("kh", 0) > 0 ? s.volume('k') : s.volume('i') / s.volume('o'));
  return {elements_at("pool", {in, out, taps, s["ic"]}, static_cast<double>(in + out))};
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

/// A gate is a product with the inputs and one with the hidden state.
std::vector<Located> recurrent(const Named& s, std::int64_t gates,
                               std::string_view kind = "recurrent") {
  const std::int64_t hidden = s["dhc"];
  Located one = flops_at(kind, {hidden, s["slc"], s["mb"], s["t"], gates},
                         product({gates, s["slc"] + hidden, hidden, s["mb"], s["t"]}));
  one.repeat = static_cast<double>(s["l"] * s["dir"]);
  return {one};
}
std::vector<Located> locate_lstm(const Named& s) { return recurrent(s, 4); }
std::vector<Located> locate_gru(const Named& s) { return recurrent(s, 3, "gru"); }
std::vector<Located> locate_rnn(const Named& s) { return recurrent(s, 1); }

std::vector<Located> locate_table(const Named& s) {
  const std::int64_t elements = s["mb"] * s["dim"];
  return {elements_at("gather", {s["mb"], s["dim"]}, 2 * static_cast<double>(elements))};
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
    StreamRow{"relu", "eltwise"},     StreamRow{"leaky_relu", "eltwise"},
    StreamRow{"hardtanh", "eltwise"}, StreamRow{"hardswish", "eltwise"},
    StreamRow{"clip", "eltwise"},     StreamRow{"batchnorm", "eltwise"},
    StreamRow{"gelu_erf", "costly"},  StreamRow{"gelu_tanh", "costly"},
    StreamRow{"silu", "costly"},      StreamRow{"sigmoid", "costly"},
    StreamRow{"tanh", "costly"},      StreamRow{"exp", "costly"},
    StreamRow{"add", "binary"},       StreamRow{"sub", "binary"},
    StreamRow{"mul", "binary"},       StreamRow{"div", "binary"},

    StreamRow{"elu", "costly"},       StreamRow{"erf", "costly"},
    StreamRow{"relu6", "eltwise"},    StreamRow{"sqrt", "eltwise"},
    StreamRow{"clamp", "eltwise"},    StreamRow{"square", "eltwise"},
    StreamRow{"prelu", "binary"},     StreamRow{"max", "binary"},
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

/// Elements that lie beside one another before and after: of the last axes that keep their place.
std::int64_t run_of(const AnyLayer& layer, const Values& values) {
  const Named s(layer, values);
  std::vector<std::int64_t> dims;
  std::vector<std::int64_t> order;
  for (const char axis : std::string_view("01234567")) {
    if (const std::int64_t size = s.of(std::string{'a', axis}, 0); size > 0) {
      dims.push_back(size);
    }
    if (const std::int64_t from = s.of(std::string{'p', axis}, -1); from >= 0) {
      order.push_back(from);
    }
  }
  std::int64_t run = 1;
  for (std::size_t i = dims.size();
       i-- > 0 && order.size() == dims.size() && order[i] == static_cast<std::int64_t>(i);) {
    run *= dims[i];
  }
  return run;
}

Located moved(std::int64_t elements, std::int64_t run) {
  return elements_at("move", {elements, run}, 2 * static_cast<double>(elements));
}

/// Rows that are copied whole: those of a concat are about half a row each.
Located copied(std::int64_t elements, std::int64_t run) {
  return elements_at("copy", {elements, std::max<std::int64_t>(run, 1)},
                     2 * static_cast<double>(elements));
}

constexpr std::array<std::string_view, 9> copies{"slice",         "split",          "pad",
                                                 "tile",          "broadcast_to",   "gather",
                                                 "pixel_shuffle", "depth_to_space", "concat"};

Located locate_stream(const AnyLayer& layer, const Values& values) {
  const std::int64_t written = written_elements(layer, values);
  if (layer.name == "transpose") {
    return moved(written, run_of(layer, values));
  }
  if (std::ranges::find(copies, layer.name) != copies.end()) {
    const Named s(layer, values);
    Located one = copied(written, layer.name == "concat" ? s["a"] + s["b"] : written);
    one.approximation =
        layer.name == "concat" ? "" : fmt::format("{}, as a copy of its results", layer.name);
    return one;
  }
  const auto* const row = std::ranges::find(stream_table, layer.name, &StreamRow::layer);
  const bool known = row != stream_table.end();
  Located one = stream(known ? row->kind : "eltwise", written);
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

std::optional<Located> located_after(std::string_view function, std::int64_t elements) {
  const std::string_view name = function.substr(0, function.find(' '));
  const auto* const row = std::ranges::find(stream_table, name, &StreamRow::layer);
  if (row == stream_table.end() || row->kind != "costly") {
    return std::nullopt;
  }
  Located one = stream("costly", elements);
  one.fused = true;
  return one;
}

Located located_copy(std::int64_t elements) {
  Located one = copied(std::max<std::int64_t>(elements, 1), elements);
  one.approximation = "a copy of what it moves";
  return one;
}

Located scaled(Located located, std::int64_t batch) {
  if (located.kind->name == "gemv" && batch > 1) {
    located.kind = find_class("gemm");
    located.at.insert(located.at.begin(), 1);
  }
  std::int64_t& axis = located.at.at(located.kind->batch_axis);
  axis = checked_multiply(axis, batch);
  if (located.kind->name == "pool") {  // results as well
    located.at[1] = checked_multiply(located.at[1], batch);
  }
  located.work *= static_cast<double>(batch);
  return located;
}

}  // namespace flopmeter::planner
