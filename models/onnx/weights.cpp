#include "models/onnx/weights.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "models/onnx/free_dims.h"

namespace flopmeter::onnx {
namespace {

/// Inputs of operators by a mask of their places.
struct Slots {
  std::string_view op;
  std::uint32_t mask;
};

constexpr std::array weight_slots{
    Slots{"Conv", 0b110},         Slots{"ConvTranspose", 0b110},
    Slots{"Gemm", 0b110},         Slots{"BatchNormalization", 0b11110},
    Slots{"LSTM", 0b1110},        Slots{"GRU", 0b1110},
    Slots{"RNN", 0b1110},         Slots{"LayerNormalization", 0b110},
    Slots{"QLinearConv", 0b1000}, Slots{"InstanceNormalization", 0b110},
    Slots{"PRelu", 0b10},         Slots{"GroupNormalization", 0b110},
    Slots{"Attention", 0b110},    Slots{"RMSNormalization", 0b10},
    Slots{"MatMulNBits", 0b10},   Slots{"ConvInteger", 0b10},
};

/// What is between a stored weight and its use.
constexpr std::array passing{"Identity", "Transpose", "Reshape",          "Slice", "Unsqueeze",
                             "Squeeze",  "Concat",    "DequantizeLinear", "Cast"};

/// Settings of operators, which are stored beside parameters.
constexpr std::array setting_slots{
    Slots{"BatchNormalization", 0b11000},
    Slots{"QuantizeLinear", 0b110},
    Slots{"DequantizeLinear", 0b110},
    Slots{"QLinearConv", 0b011110110},
    Slots{"QLinearMatMul", 0b11110110},
    Slots{"QGemm", 0b110110110},
    Slots{"MatMulNBits", 0b11100},
    Slots{"Resize", 0b1110},
    Slots{"Upsample", 0b10},
    Slots{"Clip", 0b110},
    Slots{"QAttention", 0b011011000},
    Slots{"MatMulIntegerToFloat", 0b111100},
    Slots{"DynamicQuantizeMatMul", 0b1100},
    Slots{"ConvInteger", 0b1100},
    Slots{"MatMulInteger", 0b1100},
    Slots{"Pad", 0b1110},
    Slots{"QLinearAdd", 0b11110110},
    Slots{"QLinearMul", 0b11110110},
    Slots{"Range", 0b111},
    Slots{"OneHot", 0b110},
    Slots{"GroupQueryAttention", 0b110000000},
    Slots{"RotaryEmbedding", 0b1110},  // ONNX's tables stand one place before ONNX Runtime's
    Slots{"DynamicQuantizeLSTM", 0b111100000000},
    Slots{"QLinearConcat", 0xDB6DB6DB},  // scale, zero point, and so for each tensor behind it
    Slots{"QLinearSoftmax", 0b11110},
    Slots{"QLinearSigmoid", 0b11110},
    Slots{"QLinearLeakyRelu", 0b11110},
    Slots{"QLinearAveragePool", 0b11110},
    Slots{"QLinearGlobalAveragePool", 0b11110},
    Slots{"NonMaxSuppression", 0b11100},
    Slots{"MatMulBnb4", 0b100},
    Slots{"GatherBlockQuantized", 0b1100},
    Slots{"QMoE", 0b11101001001000},
};

template <std::size_t n>
bool has_slot(const std::array<Slots, n>& table, std::string_view op, std::size_t slot) {
  const auto* const found = std::ranges::find(table, op, &Slots::op);
  return found != table.end() && slot < 32 && (found->mask >> slot & 1) != 0;
}

using Names = std::unordered_set<std::string_view>;

/// A product with a matrix that is an input of its own, and a table that is looked up.
bool takes_matrix(const NodeProto& node, std::size_t slot,
                  const std::unordered_map<std::string_view, std::size_t>& ranks,
                  std::string_view root) {
  const auto rank = ranks.find(root);
  const bool matrix = rank != ranks.end() && rank->second == 2;
  return matrix && ((node.op == "MatMul" && slot == 1) || (node.op == "Gather" && slot == 0));
}

bool may_be_weight(const ValueInfo& input) {
  return input.tensor && input.dims && (is_float(input.elem) || bits_of(input.elem) <= 8) &&
         input.elem != Elem::boolean && input.elem != Elem::string &&
         std::ranges::none_of(*input.dims, is_free);
}

/// Candidates that go where weights go.
Names by_slot(const GraphProto& graph, const Names& candidates,
              const std::unordered_map<std::string_view, std::size_t>& ranks) {
  std::unordered_map<std::string_view, std::string_view> root;
  for (const std::string_view name : candidates) {
    root.emplace(name, name);
  }
  Names found;
  for (const NodeProto& node : graph.nodes) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto from = root.find(node.inputs[i]);
      if (from == root.end()) {
        continue;
      }
      if (has_slot(weight_slots, node.op, i) || takes_matrix(node, i, ranks, from->second)) {
        found.insert(from->second);
      }
      if (i == 0 && std::ranges::find(passing, node.op) != passing.end() && !node.outputs.empty()) {
        root.emplace(node.outputs[0], from->second);
      }
    }
  }
  return found;
}

}  // namespace

std::unordered_set<std::string_view> weight_inputs(const GraphProto& graph) {
  const auto inputs = true_inputs(graph);
  const bool has_weights = std::ranges::any_of(graph.initializers, [](const TensorProto& t) {
    return is_float(t.elem) && t.dims.size() > 1;
  });
  if (has_weights || inputs.size() < 2) {
    return {};
  }
  Names candidates;
  std::unordered_map<std::string_view, std::size_t> ranks;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (may_be_weight(*inputs[i])) {
      candidates.insert(inputs[i]->name);
      ranks.emplace(inputs[i]->name, inputs[i]->dims->size());
    }
  }
  Names found = by_slot(graph, candidates, ranks);
  // One product of two inputs is a product of two inputs.
  return graph.nodes.size() == 1 || found.empty() ? Names{} : candidates;
}

bool takes_parameters(const NodeProto& node, std::size_t slot) {
  return !has_slot(setting_slots, node.op, slot);
}

}  // namespace flopmeter::onnx
