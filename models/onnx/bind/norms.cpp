// Norms and softmax of a graph as nodes of a network.
#include <algorithm>
#include <array>

#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

constexpr double layer_epsilon = 1e-5;  // that the layers have built in
constexpr Range shifts{-0.1, 0.1};
constexpr Range scales{0.5, 1.5};

bool has_layer_epsilon(const Binding& b) {
  return static_cast<float>(b.view.real("epsilon", layer_epsilon)) == 1e-5F;
}

/// One number a channel, in dimensions that are repeated over samples and space.
Value per_channel(Steps& steps, std::size_t input, std::int64_t channels) {
  return Steps::view(steps.in(input), {1, channels, 1});
}

/// (x - mean) * scale / sqrt(variance + epsilon) + shift, of a variance that the network computes.
void batchnorm_of_steps(const Binding& b, double epsilon) {
  const Sizes x = b.view.sizes(0);
  const std::int64_t channels = x.at(1);
  Steps steps(b);
  const Value source = Steps::view(steps.in(0), {x[0], channels, product_of(x, 2, x.size())});
  const Value deviation =
      steps.one("sqrt", steps.two("add", per_channel(steps, 4, channels), epsilon));
  const Value factor = steps.two("div", per_channel(steps, 1, channels), deviation);
  const Value centred = steps.two("sub", source, per_channel(steps, 3, channels));
  steps.finish(
      steps.two("add", steps.two("mul", centred, factor), per_channel(steps, 2, channels)));
}

/// A constant with something added to each of its numbers.
TensorId shifted(const Binding& b, TensorId id, float by) {
  Numbers sums = [numbers = b.builder.numbers(id), by] {
    std::vector<float> all = numbers();
    for (float& number : all) {
      number += by;
    }
    return all;
  };
  return b.builder.constant(fmt::format("{}:variance", b.node.name), b.builder.dims(id),
                            std::move(sums));
}

/// The layer adds 1e-5 to the variance; a file that adds something else has the difference in it.
void bind_batchnorm(const Binding& b) {
  const auto epsilon = static_cast<float>(b.view.real("epsilon", 1e-5));
  const auto& fields = b.use().fields;
  if (b.node.outputs.size() > 1 ||
      std::ranges::find(fields, std::pair<std::string_view, std::int64_t>("train", 1)) !=
          fields.end()) {
    bad_input("batch normalisation that trains is not run");
  }
  b.draw(1, scales);
  b.draw(2, shifts);
  b.draw(3, shifts);
  b.draw(4, scales);
  TensorId variance = b.in(4);
  if (epsilon != 1e-5F) {
    if (!b.builder.is_constant(variance)) {
      return batchnorm_of_steps(b, epsilon);
    }
    variance = shifted(b, variance, epsilon - 1e-5F);
  }
  b.add({{"src", b.in(0)},
         {"scale", b.in(1)},
         {"shift", b.in(2)},
         {"mean", b.in(3)},
         {"variance", variance}});
}

/// The axis as the last one, and where it was.
struct AxisLast {
  Value rows;
  Sizes folded;  // before, along, behind
};

AxisLast axis_last(Steps& steps, const Value& x, std::size_t axis) {
  Sizes folded{product_of(x.dims, 0, axis), x.dims[axis],
               product_of(x.dims, axis + 1, x.dims.size())};
  Value rows = Steps::view(x, folded);
  if (folded[2] != 1) {
    rows = steps.transpose(rows, {0, 2, 1});
  }
  return {rows, folded};
}

/// Of other axes than the last one the rows are gathered by a transpose and put back by another.
void bind_softmax(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::size_t axis =
      x.empty() || b.view.opset < 13 ? 0 : b.view.axis(b.view.integer("axis", -1), b.view.rank(0));
  if (b.view.opset < 13 || product_of(x, axis + 1, x.size()) == 1) {
    b.add({{"src", b.in(0)}});
    return;
  }
  Steps steps(b);
  const AxisLast last = axis_last(steps, steps.in(0), axis);
  const LayerUse& use = b.use();
  const Value y = steps.layer(use.layer, shape_text(use), {{"src", last.rows}},
                              {last.folded[0], last.folded[2], last.folded[1]});
  steps.finish(steps.transpose(y, {0, 2, 1}));
}

/// (x - mean) / sqrt(mean((x - mean)^2) + epsilon) of the rows of a matrix.
Value normalised_rows(Steps& steps, const Value& x, double epsilon) {
  const Value centred = steps.two("sub", x, steps.reduce("reduce_mean", x, {1}));
  const Value variance = steps.reduce("reduce_mean", steps.two("mul", centred, centred), {1});
  return steps.two("div", centred, steps.one("sqrt", steps.two("add", variance, epsilon)));
}

/// x / sqrt(mean(x^2) + epsilon).
Value rms_normalised_rows(Steps& steps, const Value& x, double epsilon) {
  const Value mean = steps.reduce("reduce_mean", steps.two("mul", x, x), {1});
  return steps.two("div", x, steps.one("sqrt", steps.two("add", mean, epsilon)));
}

/// Rows of everything from the axis on, each column scaled and shifted where the inputs are there.
void finish_rows(const Binding& b, Steps& steps, const Value& x, std::size_t axis,
                 std::size_t scale, std::optional<std::size_t> shift, bool centred) {
  const double epsilon = b.view.real("epsilon", centred ? 1e-5 : 1e-6);
  const Value rows =
      Steps::view(x, {product_of(x.dims, 0, axis), product_of(x.dims, axis, x.dims.size())});
  Value y =
      centred ? normalised_rows(steps, rows, epsilon) : rms_normalised_rows(steps, rows, epsilon);
  const auto column = [&](std::size_t input) {
    return Steps::view(steps.in(input), {1, rows.dims[1]});
  };
  if (b.view.has(scale)) {
    b.draw(scale, scales);
    y = steps.two("mul", y, column(scale));
  }
  if (shift && b.view.has(*shift)) {
    b.draw(*shift, shifts);
    y = steps.two("add", y, column(*shift));
  }
  steps.finish(y);
}

void require_one_result(const Binding& b) {
  for (std::size_t i = 1; i < b.node.outputs.size(); ++i) {
    if (b.view.wants(i)) {
      bad_input("its statistics as results are not run");
    }
  }
}

/// As ONNX defines it, so that the file's own graph stays what the chain is held against.
void bind_layernorm(const Binding& b) {
  require_one_result(b);
  Steps steps(b);
  const std::size_t axis = b.view.axis(b.view.integer("axis", -1), b.view.rank(0));
  const bool centred = b.node.proto->op == "LayerNormalization";
  finish_rows(b, steps, steps.in(0), axis, 1,
              centred ? std::optional<std::size_t>(2) : std::nullopt, centred);
}

/// The sum of two inputs and a bias, which may be a result, and its norm.
void bind_skip_norm(const Binding& b) {
  const bool rms = b.node.proto->op == "SkipSimplifiedLayerNormalization";
  const std::size_t bias = rms ? 3 : 4;
  if (b.view.wants(1) || b.view.wants(2)) {
    bad_input("its statistics as results are not run");
  }
  Steps steps(b);
  Value sum = steps.two("add", steps.in(0), steps.in(1));
  if (b.view.has(bias)) {
    b.draw(bias, shifts);
    sum = steps.two("add", sum, steps.in(bias));
  }
  if (b.view.wants(3)) {
    steps.finish(sum, 3);
  }
  finish_rows(b, steps, sum, sum.dims.size() - 1, 2,
              rms ? std::nullopt : std::optional<std::size_t>(3), !rms);
}

/// Of each channel, or group of them, of each sample.
void bind_planes(const Binding& b, std::int64_t groups, bool scale_of_groups) {
  const Sizes x = b.view.sizes(0);
  b.draw(1, scales);
  b.draw(2, shifts);
  if (has_layer_epsilon(b) && !scale_of_groups) {
    b.add({{"src", b.in(0)}, {"scale", b.in(1)}, {"shift", b.in(2)}});
    return;
  }
  Steps steps(b);
  const std::int64_t pixels = product_of(x, 2, x.size());
  const Value rows = Steps::view(steps.in(0), {x[0] * groups, x[1] / groups * pixels});
  Value y = normalised_rows(steps, rows, b.view.real("epsilon", layer_epsilon));
  const std::int64_t channels = scale_of_groups ? groups : x[1];
  y = Steps::view(y, {x[0], channels, x[1] / channels * pixels});
  y = steps.two("mul", y, per_channel(steps, 1, channels));
  steps.finish(steps.two("add", y, per_channel(steps, 2, channels)));
}

void bind_instancenorm(const Binding& b) { bind_planes(b, b.view.sizes(0).at(1), false); }

/// Below opset 21 a group has one scale.
void bind_groupnorm(const Binding& b) {
  const std::int64_t groups = b.view.required("num_groups");
  bind_planes(b, groups, b.view.count(1) != b.view.sizes(0).at(1));
}

/// x / (bias + alpha / size * sum of squares over neighbouring channels)^beta: a mean over channels as depth.
void bind_lrn(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::int64_t size = b.view.required("size");
  const std::int64_t pixels = product_of(x, 2, x.size());
  Steps steps(b);
  const Value source = Steps::view(steps.in(0), {x[0], 1, x[1], pixels});
  const Value squares = steps.two("mul", source, source);
  const Value mean =
      steps.layer("avg_pool",
                  fmt::format("mb{}ic1id{}ih1iw{}od{}oh1ow{}kd{}kh1kw1sd1sh1sw1pd{}ph0pw0countpad1",
                              x[0], x[1], pixels, x[1], pixels, size, (size - 1) / 2),
                  {{"src", squares}}, source.dims);
  const Value base =
      steps.two("add", steps.two("mul", mean, b.view.real("alpha", 1e-4)), b.view.real("bias", 1));
  steps.finish(steps.two("div", source, steps.two("pow", base, b.view.real("beta", 0.75))));
}

/// x / its norm along the axis, the sum of |x| or the root of that of squares.
void bind_lp_norm(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", -1), b.view.rank(0));
  const std::string_view layer = b.view.integer("p", 2) == 1 ? "reduce_l1" : "reduce_l2";
  steps.finish(steps.two("div", x, steps.reduce(layer, x, {axis})));
}

/// Over the axes, as ONNX's function body has it.
void bind_mvn(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  auto given = b.view.integers_of("axes");
  given = given.empty() ? std::vector<std::int64_t>{0, 2, 3} : given;
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : given) {
    axes.push_back(b.view.axis(axis, b.view.rank(0)));
  }
  const Value centred = steps.two("sub", x, steps.reduce("reduce_mean", x, axes));
  const Value variance = steps.reduce("reduce_mean", steps.two("mul", centred, centred), axes);
  steps.finish(steps.two("div", centred, steps.two("add", steps.one("sqrt", variance), 1e-9)));
}

constexpr std::array norm_rows{
    Binder{"", "BatchNormalization", bind_batchnorm},
    Binder{"", "Softmax", bind_softmax},
    Binder{"", "LogSoftmax", bind_softmax},
    Binder{"", "LayerNormalization", bind_layernorm},
    Binder{"", "RMSNormalization", bind_layernorm},
    Binder{"", "SimplifiedLayerNormalization", bind_layernorm},
    Binder{microsoft, "SimplifiedLayerNormalization", bind_layernorm},
    Binder{microsoft, "SkipLayerNormalization", bind_skip_norm},
    Binder{microsoft, "SkipSimplifiedLayerNormalization", bind_skip_norm},
    Binder{"", "InstanceNormalization", bind_instancenorm},
    Binder{"", "GroupNormalization", bind_groupnorm},
    Binder{"", "LRN", bind_lrn},
    Binder{"", "LpNormalization", bind_lp_norm},
    Binder{"", "MeanVarianceNormalization", bind_mvn},
};

}  // namespace

std::span<const Binder> norm_binders() { return norm_rows; }

}  // namespace flopmeter::onnx
