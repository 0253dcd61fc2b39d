// Resize and Upsample as nodes of a network.
#pragma once

namespace flopmeter::onnx {

struct Binding;

/// By the layer that resamples where it computes the same, else axis by axis: looked up (nearest), or as a product
/// with a matrix of weights (linear, cubic).
void bind_resize(const Binding& binding);

}  // namespace flopmeter::onnx
