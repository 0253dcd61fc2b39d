#include "app/layer_groups.h"

#include <algorithm>
#include <array>
#include <span>

namespace flopmeter {
namespace {

/// A layer is of the first group that names it or whose rule holds.
struct Group {
  std::string_view title;
  std::vector<std::string_view> names;
  bool (*rule)(const AnyLayer&) = nullptr;
};

bool begins_with_keys(const AnyLayer& layer, std::span<const std::string_view> keys) {
  return layer.fields.size() >= keys.size() &&
         std::ranges::equal(keys, std::span(layer.fields).first(keys.size()), {}, {},
                            &FieldInfo::key);
}

bool of_one_tensor(const AnyLayer& layer) {
  constexpr std::array<std::string_view, 5> keys{"mb", "ic", "id", "ih", "iw"};
  return layer.fields.size() == keys.size() && begins_with_keys(layer, keys);
}

bool of_broadcast_tensors(const AnyLayer& layer) {
  const auto has = [&](std::string_view key) {
    return std::ranges::find(layer.fields, key, &FieldInfo::key) != layer.fields.end();
  };
  return has("a0") && has("b0") && has("b7");
}

bool reduces(const AnyLayer& layer) { return layer.name.starts_with("reduce_"); }
bool packed(const AnyLayer& layer) { return layer.name.starts_with("linear_"); }

const std::vector<Group>& groups() {
  static const std::vector<Group> table{
      {"Products", {"matmul", "linear", "einsum"}},
      {"Products with packed weights", {}, packed},
      {"Convolutions",
       {"conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
        "depthwise_separable", "deform_conv2d", "causal_conv1d"}},
      {"Attention", {"attention", "sdpa", "mla", "rotary"}},
      {"Blocks of transformers",
       {"transformer_block", "encoder_layer", "decoder_layer", "ffn", "moe", "experts", "routing"}},
      {"Recurrent layers", {"rnn", "lstm", "gru", "selective_scan"}},
      {"Normalisation",
       {"layernorm", "rmsnorm", "batchnorm", "groupnorm", "instancenorm", "lrn", "softmax",
        "log_softmax"}},
      {"Pooling and resampling",
       {"max_pool", "avg_pool", "adaptive_avg_pool", "resample_nearest", "resample_linear",
        "resample_cubic"}},
      {"Look-ups",
       {"embedding", "embedding_bag", "gather", "scatter", "scatter_add", "topk", "nms",
        "nonzero"}},
      {"Functions of one tensor, element by element", {}, of_one_tensor},
      {"Moves of data",
       {"broadcast_to", "concat", "depth_to_space", "flip", "pad", "pixel_shuffle",
        "pixel_unshuffle", "repeat", "reshape", "slice", "space_to_depth", "split", "tile",
        "transpose"}},
      {"Functions of two or three tensors, element by element", {}, of_broadcast_tensors},
      {"Reductions and scans", {"argmax", "argmin", "cumsum"}, reduces},
  };
  return table;
}

bool holds(const Group& group, const AnyLayer& layer) {
  return std::ranges::find(group.names, layer.name) != group.names.end() ||
         (group.rule != nullptr && group.rule(layer));
}

const Group* group_of(const AnyLayer& layer) {
  const auto found =
      std::ranges::find_if(groups(), [&](const Group& group) { return holds(group, layer); });
  return found == groups().end() ? nullptr : &*found;
}

}  // namespace

std::vector<LayerGroup> grouped_layers() {
  std::vector<LayerGroup> grouped;
  for (const Group& group : groups()) {
    LayerGroup made{group.title, group.names.empty(), {}};
    for (const AnyLayer& layer : layers()) {
      if (group_of(layer) == &group) {
        made.layers.push_back(&layer);
      }
    }
    grouped.push_back(std::move(made));
  }
  LayerGroup others{"Others", false, {}};
  for (const AnyLayer& layer : layers()) {
    if (group_of(layer) == nullptr) {
      others.layers.push_back(&layer);
    }
  }
  if (!others.layers.empty()) {
    grouped.push_back(std::move(others));
  }
  return grouped;
}

}  // namespace flopmeter
