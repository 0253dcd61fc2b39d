#include "models/onnx/stored_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_map>

#include "counters/op_counts.h"
#include "models/onnx/node.h"
#include "models/onnx/weights.h"

namespace flopmeter::onnx {
namespace {

/// Integers are parameters where a quantised operator takes them, perhaps behind a change of shape;
/// elsewhere they are masks and places.
bool takes_integers(std::string_view op) {
  return op.starts_with("Q") || op.starts_with("Dequantize") || op.starts_with("DynamicQuantize") ||
         op.find("Integer") != std::string_view::npos || op == "MatMulNBits" ||
         op == "MatMulBnb4" || op == "GatherBlockQuantized" || op == "Transpose" ||
         op == "Reshape" || op == "Identity";
}

/// Weights of a few bits in blocks: more numbers than the tensor has elements, and settings beside it.
struct Packed {
  std::string type;
  std::int64_t elements = 0, bytes = 0;
};

std::int64_t stored_bytes(const Graph& graph, const GraphNode& node, std::size_t input) {
  if (input >= node.inputs.size() || node.inputs[input] == nobody) {
    return 0;
  }
  const Tensor& known = graph.tensors[static_cast<std::size_t>(node.inputs[input])].known;
  const std::int64_t count = known.dims ? elements_of(*known.dims).value() : 0;
  return checked_add(checked_multiply(count, bits_of(known.elem)), 7) / 8;
}

/// Where an operator takes weights of few bits, their scales and zero points, and its attribute of their bits.
struct PackedSlots {
  std::string_view op;
  std::size_t weights, scales, zeros;
  std::string_view bits;
};
constexpr std::array packed_slots{
    PackedSlots{"MatMulNBits", 1, 2, 3, "bits"},
    PackedSlots{"MatMulBnb4", 1, 2, 99, ""},
    PackedSlots{"GatherBlockQuantized", 0, 2, 3, "bits"},
    PackedSlots{"QMoE", 2, 3, 11, "expert_weight_bits"},
    PackedSlots{"QMoE", 5, 6, 12, "expert_weight_bits"},
    PackedSlots{"QMoE", 8, 9, 13, "expert_weight_bits"},
};

/// Nothing for an operator, or an input of it, without such weights.
std::optional<Packed> packed_weights(const Graph& graph, const GraphNode& node, std::size_t input) {
  const NodeProto& proto = *node.proto;
  const auto* const slots = std::ranges::find_if(packed_slots, [&](const PackedSlots& row) {
    return row.op == proto.op && row.weights == input;
  });
  if (slots == packed_slots.end()) {
    return std::nullopt;
  }
  const NodeView view(proto, 1);
  const std::int64_t bits = slots->bits.empty() ? 4 : view.integer(slots->bits, 4);
  const std::int64_t block = view.integer("block_size", 0);
  const std::int64_t own = stored_bytes(graph, node, input);
  const std::int64_t beside = checked_add(stored_bytes(graph, node, slots->scales),
                                          stored_bytes(graph, node, slots->zeros));
  const std::string name = slots->bits.empty() ? "nf4 or fp4" : fmt::format("uint{}", bits);
  // Products say how many numbers there are: the last block of a row may be filled up.
  const bool product = proto.op.starts_with("MatMul");
  return Packed{block > 0 ? fmt::format("{} in blocks of {}", name, block)
                          : fmt::format("{} with a scale a row", name),
                product ? checked_multiply(view.required("K"), view.required("N"))
                        : checked_multiply(own, 8) / std::max<std::int64_t>(bits, 1),
                checked_add(own, beside)};
}

}  // namespace

void add_weights(const Graph& graph, models::Model& model) {
  std::unordered_map<int, std::optional<Packed>> taken;
  for (const GraphNode& node : graph.nodes) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const int place = node.inputs[i];
      if (place == nobody || !graph.tensors[static_cast<std::size_t>(place)].stored ||
          !takes_parameters(*node.proto, i) ||
          (is_integer(graph.tensors[static_cast<std::size_t>(place)].known.elem) &&
           !takes_integers(node.proto->op))) {
        continue;
      }
      taken.emplace(place, packed_weights(graph, node, i));
    }
  }
  std::map<Elem, std::int64_t> elements;
  std::map<std::string, Packed> packed_types;
  for (const auto& [place, packed] : taken) {
    const NamedTensor& tensor = graph.tensors[static_cast<std::size_t>(place)];
    const Elem elem = tensor.known.elem;
    const std::int64_t count = elements_of(*tensor.known.dims).value();
    const bool number = is_float(elem) || (bits_of(elem) <= 32 && is_integer(elem));
    const bool scalar = count <= 1 && (tensor.known.dims->empty() || tensor.writer != nobody);
    if (packed) {
      Packed& sum = packed_types[packed->type];
      sum.elements = checked_add(sum.elements, packed->elements);
      sum.bytes = checked_add(sum.bytes, packed->bytes);
    } else if (number && elem != Elem::boolean && !scalar) {
      elements[elem] = checked_add(elements[elem], tensor.packed != 0 ? tensor.packed : count);
    }
  }
  for (const auto& [elem, count] : elements) {
    model.weights.push_back({std::string(to_string(elem)), count, bits_of(elem)});
    model.parameters = checked_add(model.parameters, count);
  }
  for (const auto& [type, sum] : packed_types) {
    model.weights.push_back({.name = type, .elements = sum.elements, .stored = sum.bytes});
    model.parameters = checked_add(model.parameters, sum.elements);
  }
}

}  // namespace flopmeter::onnx
