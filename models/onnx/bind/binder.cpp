#include "models/onnx/bind/binder.h"

#include <fmt/format.h>

#include "kernels/bad_input.h"

namespace flopmeter::onnx {

std::string shape_text(const LayerUse& use) {
  std::string text = use.text;
  for (const auto& [key, value] : use.fields) {
    text += fmt::format("{}{}", key, value);
  }
  return text;
}

const LayerUse& Binding::use() const {
  if (!lowered.reason.empty()) {
    bad_input("{}", lowered.reason);
  }
  if (lowered.layers.size() != 1 || lowered.layers.front().times != 1) {
    bad_input("it is {} layers: that is not run yet", lowered.layers.size());
  }
  return lowered.layers.front();
}

TensorId Binding::add(const Operands& inputs) const {
  const LayerUse& one = use();
  return builder.add(node, "", one.layer, shape_text(one), inputs, {{"dst", node.outputs.at(0)}});
}

TensorId Binding::add_last(std::string_view layer, const std::string& shape,
                           const Operands& inputs) const {
  return builder.add(node, "", layer, shape, inputs, {{"dst", node.outputs.at(0)}});
}

TensorId Binding::add_between(std::string_view suffix, std::string_view layer,
                              const std::string& shape, const Operands& inputs) const {
  return builder.add(node, suffix, layer, shape, inputs, {{"dst", nobody}});
}

void Binding::draw(std::size_t input, const Range& range) const {
  if (input < node.inputs.size() && node.inputs[input] != nobody) {
    builder.draw(node.inputs[input], range);
  }
}

const Binder* find_binder(std::string_view domain, std::string_view op) {
  for (const auto& family : {dense_binders(),
                             einsum_binders(),
                             norm_binders(),
                             reduction_binders(),
                             function_binders(),
                             elementwise_binders(),
                             quantization_binders(),
                             integer_binders(),
                             moving_binders(),
                             index_binders(),
                             recurrent_binders(),
                             attention_binders(),
                             runtime_attention_binders(),
                             selection_binders(),
                             rotary_binders(),
                             linear_quantized_binders(),
                             block_weight_binders(),
                             sampling_binders(),
                             pattern_binders(),
                             feature_binders(),
                             generator_binders()}) {
    for (const Binder& row : family) {
      if (row.domain == domain && row.op == op) {
        return &row;
      }
    }
  }
  return nullptr;
}

}  // namespace flopmeter::onnx
