// Losses, as training graphs have them: what ONNX defines them as, step by step.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

bool is_whole(const NodeView& n) { return n.text("reduction", "mean") != "none"; }

/// Scores are [samples, classes, ...]; the loss has the shape of the labels, or none.
void infer_loss(NodeView& n) {
  n.set(0, n.in(0).elem, is_whole(n) ? Dims{} : n.dims(1));
  n.set(1, n.in(0).elem, n.dims(0));
}

LayerUse sum_use(std::string_view layer, std::int64_t count, std::string label) {
  LayerUse use{layer, {}, std::move(label)};
  use.text = fmt::format("{}:1", count);
  return use;
}

/// The score of each label, negative, weighted, and their sum or mean; labels to be ignored weigh nothing.
void append_likelihood(const NodeView& n, Lowered& lowered) {
  const std::int64_t labels = n.count(1);
  const bool ignores = n.attribute("ignore_index") != nullptr;
  lowered.layers.push_back(unary_use("neg", labels, "negative"));
  if (ignores) {
    lowered.layers.push_back(binary_use("equal", {labels}, {1}, "ignored"));
  }
  if (n.has(2)) {
    lowered.layers.push_back(binary_use("mul", {labels}, {labels}, "weighted"));
  }
  if (!is_whole(n) || labels == 0) {
    return;
  }
  const bool mean = n.text("reduction", "mean") == "mean";
  const bool weighs = n.has(2) || ignores;
  lowered.layers.push_back(sum_use(mean && !weighs ? "reduce_mean" : "reduce_sum", labels, "loss"));
  if (mean && weighs) {
    lowered.layers.push_back(sum_use("reduce_sum", labels, "weights"));
    lowered.layers.push_back(binary_use("div", {1}, {1}, "mean"));
  }
}

Lowered lower_likelihood(const NodeView& n) {
  Lowered lowered;
  append_likelihood(n, lowered);
  return lowered;
}

Lowered lower_cross_entropy(const NodeView& n) {
  const std::int64_t classes = n.sizes(0).at(1);
  Lowered lowered = one_layer(
      "log_softmax", {{"mb", n.count(0) / std::max<std::int64_t>(classes, 1)}, {"c", classes}});
  lowered.layers.back().label = "log_softmax";
  append_likelihood(n, lowered);
  return lowered;
}

constexpr std::array loss_rows{
    Operator{"", "NegativeLogLikelihoodLoss", infer_loss, lower_likelihood},
    Operator{"", "SoftmaxCrossEntropyLoss", infer_loss, lower_cross_entropy},
};

}  // namespace

std::span<const Operator> loss_operators() { return loss_rows; }

}  // namespace flopmeter::onnx
