// Norms and softmax: rows, channels or groups to mean 0 and variance 1, or to a sum of 1.
#include <algorithm>
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/rows.h"
#include "models/onnx/ops/window.h"

namespace flopmeter::onnx {
namespace {

/// Samples and channels, and up to three spatial dimensions; more are merged.
Fields channel_fields(const std::vector<std::int64_t>& x) {
  if (x.size() < 2) {
    return {{"mb", x.empty() ? 1 : x[0]}, {"ic", 1}};
  }
  Fields fields{{"mb", x[0]}, {"ic", x[1]}};
  std::vector<std::int64_t> spatial(x.begin() + 2, x.end());
  if (spatial.size() > 3) {
    spatial = {1, 1, product_of(spatial, 0, spatial.size())};
  }
  spatial.insert(spatial.begin(), 3 - spatial.size(), 1);
  append_spatial(fields, 'i', spatial);
  return fields;
}

bool in_training(const NodeView& n) {
  if (n.opset >= 14) {
    return n.integer("training_mode", 0) != 0;
  }
  return n.opset < 7 ? n.integer("is_test", 0) == 0
                     : n.wants(1) || n.wants(2) || n.wants(3) || n.wants(4);
}

void infer_batchnorm(NodeView& n) {
  n.set(0, n.in(0).elem, n.dims(0));
  for (std::size_t i = 1; i < n.outputs.size(); ++i) {
    const std::size_t like = n.opset >= 14 ? i + 2 : i + 2 > 4 ? 3 : i + 2;
    n.set(i, n.in(like).elem, n.dims(like));
  }
}

/// running = momentum * running + (1 - momentum) * that of the batch.
void append_running(std::string_view what, std::int64_t channels, Lowered& lowered) {
  for (const std::string_view part : {"old", "new"}) {
    lowered.layers.push_back(binary_use("mul", {channels}, {1}, fmt::format("{}_{}", what, part)));
  }
  lowered.layers.push_back(
      binary_use("add", {channels}, {channels}, fmt::format("running_{}", what)));
}

Lowered lower_batchnorm(const NodeView& n) {
  Fields fields = channel_fields(n.sizes(0));
  fields.emplace_back("train", in_training(n) ? 1 : 0);
  Lowered lowered = one_layer("batchnorm", fields);
  if (in_training(n)) {
    append_running("mean", n.count(3), lowered);
    append_running("variance", n.count(4), lowered);
  }
  return lowered;
}

void infer_same_shape(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

Lowered lower_instancenorm(const NodeView& n) {
  Fields fields = channel_fields(n.sizes(0));
  fields.emplace_back("affine", 1);
  return one_layer("instancenorm", fields);
}

/// Opsets 18 to 20 have a scale and a shift for each group instead of each channel.
Lowered scaled_by_group(const NodeView& n) {
  const auto x = n.sizes(0);
  const std::int64_t groups = n.required("num_groups");
  Fields fields = channel_fields(x);
  fields.emplace_back("g", groups);
  fields.emplace_back("affine", 0);
  Lowered lowered = one_layer("groupnorm", fields);
  const std::int64_t in_group = product_of(x, 1, x.size()) / std::max<std::int64_t>(groups, 1);
  lowered.layers.push_back(binary_use("mul", {x[0], groups, in_group}, {1, groups, 1}, "scale"));
  lowered.layers.push_back(binary_use("add", {x[0], groups, in_group}, {1, groups, 1}, "shift"));
  return lowered;
}

Lowered lower_groupnorm(const NodeView& n) {
  const bool runtimes = n.row->domain == microsoft;
  const std::string_view groups = runtimes ? "groups" : "num_groups";
  Fields fields;
  if (runtimes && n.integer("channels_last", 1) != 0) {
    auto x = n.sizes(0);
    if (x.size() > 2) {
      x.insert(x.begin() + 1, x.back());
      x.pop_back();
    }
    fields = channel_fields(x);
  } else {
    fields = channel_fields(n.sizes(0));
  }
  fields.emplace_back("g", n.required(groups));
  Lowered lowered = one_layer("groupnorm", fields);
  if (n.has(1) && n.count(1) != n.sizes(0).at(1) && n.proto.op == "GroupNormalization") {
    lowered = scaled_by_group(n);
  }
  if (n.integer("activation", 0) == 1) {
    lowered.layers.push_back(unary_use("silu", n.output_count(), "silu"));
  }
  return lowered;
}

/// Inputs: x, scale, shift, what is added before (all of it or a row a sample), its bias; the sum is a
/// result too.
void infer_skip_groupnorm(NodeView& n) {
  n.set(0, n.in(0).elem, n.dims(0));
  n.set(1, n.in(0).elem, n.dims(0));
}

Lowered lower_skip_groupnorm(const NodeView& n) {
  const auto x = n.sizes(0);
  Lowered lowered = lower_groupnorm(n);
  for (const std::size_t i : {3, 4}) {
    if (n.has(i)) {
      auto added = n.sizes(i);
      if (added.size() == 2 && x.size() > 2) {
        added.insert(added.begin() + 1, x.size() - 2, 1);
      }
      lowered.layers.push_back(binary_use("add", x, added, i == 3 ? "skip" : "bias"));
    }
  }
  return lowered;
}

void infer_layernorm(NodeView& n) {
  const Dims& x = n.dims(0);
  n.set(0, n.in(0).elem, x);
  Dims rows = x;
  for (std::size_t i = row_axis(n); i < rows.size(); ++i) {
    rows[i] = 1;
  }
  n.set(1, Elem::f32, rows);
  n.set(2, Elem::f32, rows);
}

/// `scale` and `shift` are places of inputs. A scale without a shift is a product of its own.
void append_row_norm(const NodeView& n, std::size_t axis, std::size_t scale, std::size_t shift,
                     std::string label, Lowered& lowered) {
  const auto x = n.sizes(0);
  const bool rms = n.row->layer == "rmsnorm";
  const bool affine = n.has(scale) && (rms || n.has(shift));
  Fields fields = row_fields(x, axis);
  fields.emplace_back("affine", affine ? 1 : 0);
  lowered.layers.push_back({n.row->layer, fields, std::move(label)});
  if (n.has(scale) && !affine) {
    lowered.layers.push_back(binary_use("mul", x, n.sizes(scale), "scale"));
  }
  if (rms && n.has(shift)) {
    lowered.layers.push_back(binary_use("add", x, n.sizes(shift), "shift"));
  }
}

Lowered lower_layernorm(const NodeView& n) {
  Lowered lowered;
  append_row_norm(n, row_axis(n), 1, 2, "", lowered);
  return lowered;
}

/// The sum with the skip connection, a bias in it, then the norm. Input 0 and 1 are summed.
void infer_skip_norm(NodeView& n) {
  const Dims& x = n.dims(0);
  n.set(0, n.in(0).elem, x);
  Dims rows = x;
  if (!rows.empty()) {
    rows.back() = 1;
  }
  n.set(1, Elem::f32, rows);
  n.set(2, Elem::f32, rows);
  n.set(3, n.in(0).elem, x);
}

Lowered lower_skip_norm(const NodeView& n) {
  const auto x = n.sizes(0);
  const bool rms = n.row->layer == "rmsnorm";
  const std::size_t bias = rms ? 3 : 4;
  constexpr std::size_t none = 99;
  Lowered lowered;
  lowered.layers.push_back(binary_use("add", x, n.sizes(1), "skip"));
  if (n.has(bias)) {
    lowered.layers.push_back(binary_use("add", x, n.sizes(bias), "bias"));
  }
  append_row_norm(n, x.empty() ? 0 : x.size() - 1, 2, rms ? none : 3, "norm", lowered);
  return lowered;
}

/// Words, positions and segments are looked up, summed and normalised.
void infer_embed_norm(NodeView& n) {
  const Dims& ids = n.dims(0);
  const Dims& table = n.dims(2);
  if (ids.size() != 2 || table.size() != 2) {
    bad_input("token numbers have {} dimensions and their table {}", ids.size(), table.size());
  }
  const Dims out{ids[0], ids[1], table[1]};
  n.set(0, n.in(2).elem, out);
  n.set(1, Elem::s32, {ids[0]});
  n.set(2, n.in(2).elem, out);
}

Lowered lower_embed_norm(const NodeView& n) {
  const auto out = n.output_sizes();
  const std::int64_t tokens = product_of(out, 0, 2);
  Lowered lowered;
  const auto look_up = [&](std::size_t table, std::string label) {
    const auto sizes = n.sizes(table);
    lowered.layers.push_back({"embedding",
                              {{"mb", tokens}, {"vocab", sizes.at(0)}, {"dim", sizes.at(1)}},
                              std::move(label)});
  };
  look_up(2, "words");
  look_up(3, "positions");
  lowered.layers.push_back(binary_use("add", out, out, "sum"));
  if (n.has(4) && n.has(1)) {
    look_up(4, "segments");
    lowered.layers.push_back(binary_use("add", out, out, "sum_segments"));
  }
  lowered.layers.push_back({"layernorm", {{"mb", tokens}, {"c", out[2]}}, "norm"});
  if (n.has(7) && n.wants(1)) {
    LayerUse use{"reduce_sum", {}, "mask"};
    use.text = shape_text(n.sizes(7)) + ":" + shape_text({n.sizes(7).at(0), 1});
    lowered.layers.push_back(std::move(use));
  }
  return lowered;
}

/// As ONNX defines it: (x - mean) / (sqrt(mean of squares - mean^2) + 1e-9), over axes.
Lowered lower_mvn(const NodeView& n) {
  const auto x = n.sizes(0);
  auto axes = n.integers_of("axes");
  if (axes.empty()) {
    axes = {0, 2, 3};
  }
  auto mean = x;
  for (const std::int64_t axis : axes) {
    mean[n.axis(axis, n.rank(0))] = 1;
  }
  const std::string reduced = shape_text(x) + ":" + shape_text(mean);
  Lowered lowered;
  lowered.layers = {{"reduce_mean", {}, "mean", 1, reduced},
                    binary_use("mul", x, x, "squares"),
                    {"reduce_mean", {}, "mean_of_squares", 1, reduced},
                    binary_use("mul", mean, mean, "square_of_mean"),
                    binary_use("sub", mean, mean, "variance"),
                    unary_use("sqrt", product_of(mean, 0, mean.size()), "deviation"),
                    binary_use("add", mean, {1}, "epsilon"),
                    binary_use("sub", x, mean, "centred"),
                    binary_use("div", x, mean, "quotient")};
  return lowered;
}

Lowered lower_lrn(const NodeView& n) {
  const auto x = n.sizes(0);
  if (x.size() < 2) {
    throw Undetermined("LRN looks across channels: its input has fewer than two dimensions");
  }
  // The layer has two spatial dimensions, but only channels matter to it.
  const Fields fields{
      {"mb", x[0]}, {"ic", x[1]}, {"iw", product_of(x, 2, x.size())}, {"ls", n.required("size")}};
  return one_layer("lrn", fields);
}

constexpr std::array normalization_rows{
    Operator{"", "BatchNormalization", infer_batchnorm, lower_batchnorm},
    Operator{"", "InstanceNormalization", infer_same_shape, lower_instancenorm},
    Operator{"", "GroupNormalization", infer_same_shape, lower_groupnorm},
    Operator{"", "LayerNormalization", infer_layernorm, lower_layernorm, "layernorm"},
    Operator{"", "RMSNormalization", infer_layernorm, lower_layernorm, "rmsnorm"},
    Operator{"", "SimplifiedLayerNormalization", infer_layernorm, lower_layernorm, "rmsnorm"},
    Operator{"", "LRN", infer_same_shape, lower_lrn},
    Operator{"", "MeanVarianceNormalization", infer_same_shape, lower_mvn},
    Operator{microsoft, "GroupNorm", infer_same_shape, lower_groupnorm},
    Operator{microsoft, "SkipGroupNorm", infer_skip_groupnorm, lower_skip_groupnorm},
    Operator{microsoft, "SimplifiedLayerNormalization", infer_layernorm, lower_layernorm,
             "rmsnorm"},
    Operator{microsoft, "SkipLayerNormalization", infer_skip_norm, lower_skip_norm, "layernorm"},
    Operator{microsoft, "SkipSimplifiedLayerNormalization", infer_skip_norm, lower_skip_norm,
             "rmsnorm"},
    Operator{microsoft, "EmbedLayerNormalization", infer_embed_norm, lower_embed_norm},
};

}  // namespace

std::span<const Operator> normalization_operators() { return normalization_rows; }

}  // namespace flopmeter::onnx
