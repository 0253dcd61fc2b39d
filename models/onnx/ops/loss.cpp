// Losses, as training graphs have them.
#include <array>

#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

/// Scores are [samples, classes, ...]; the loss has the shape of the labels, or none.
void infer_loss(NodeView& n) {
  const bool whole = n.text("reduction", "mean") != "none";
  n.set(0, n.in(0).elem, whole ? Dims{} : n.dims(1));
  n.set(1, n.in(0).elem, n.dims(0));
}

Lowered lower_loss(const NodeView& n) {
  return not_understood(fmt::format("no layer counts {}", n.proto.op));
}

constexpr std::array loss_rows{
    Operator{"", "NegativeLogLikelihoodLoss", infer_loss, lower_loss},
    Operator{"", "SoftmaxCrossEntropyLoss", infer_loss, lower_loss},
};

}  // namespace

std::span<const Operator> loss_operators() { return loss_rows; }

}  // namespace flopmeter::onnx
