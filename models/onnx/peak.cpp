#include "models/onnx/peak.h"

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::onnx {
namespace {

std::int64_t bytes_of(const Tensor& tensor, bool& known) {
  if (tensor.constant || tensor.content != nullptr) {
    return 0;
  }
  if (!tensor.dims || !all_known(*tensor.dims) || tensor.sequence) {
    known = false;
    return 0;
  }
  const std::int64_t bits =
      checked_multiply(elements_of(*tensor.dims).value(), bits_of(tensor.elem));
  return bits / 8 + (bits % 8 != 0 ? 1 : 0);
}

/// A view is its source: what holds the bytes.
std::vector<int> owners_of(const Graph& graph) {
  std::vector<int> owner(graph.tensors.size());
  for (std::size_t i = 0; i < owner.size(); ++i) {
    owner[i] = static_cast<int>(i);
  }
  for (const GraphNode& node : graph.nodes) {
    if (node.lowered->moves == "view" && !node.inputs.empty() && node.inputs[0] != nobody) {
      for (const int output : node.outputs) {
        owner[static_cast<std::size_t>(output)] = owner[static_cast<std::size_t>(node.inputs[0])];
      }
    }
  }
  return owner;
}

}  // namespace

void set_activation_peak(const Graph& graph, models::Model& model) {
  const std::vector<int> owner = owners_of(graph);
  const std::size_t end = graph.nodes.size();
  std::vector<std::size_t> last(graph.tensors.size(), 0);
  std::vector<std::size_t> first(graph.tensors.size(), end);
  for (const int input : graph.inputs) {
    first[static_cast<std::size_t>(input)] = 0;
  }
  for (std::size_t i = 0; i < end; ++i) {
    for (const int input : graph.nodes[i].inputs) {
      if (input != nobody) {
        last[static_cast<std::size_t>(owner[static_cast<std::size_t>(input)])] = i;
      }
    }
    for (const int output : graph.nodes[i].outputs) {
      const auto own = static_cast<std::size_t>(owner[static_cast<std::size_t>(output)]);
      first[own] = std::min(first[own], i);
      last[own] = std::max(last[own], i);
    }
  }
  for (const int output : graph.outputs) {
    last[static_cast<std::size_t>(owner[static_cast<std::size_t>(output)])] = end;
  }
  std::vector<std::int64_t> change(end + 2, 0);
  bool known = true;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (owner[i] == static_cast<int>(i) && first[i] < end) {
      const std::int64_t bytes = bytes_of(graph.tensors[i].known, known);
      change[first[i]] = checked_add(change[first[i]], bytes);
      change[std::min(last[i], end) + 1] = checked_add(change[std::min(last[i], end) + 1], -bytes);
    }
  }
  std::int64_t alive = 0;
  for (const std::int64_t step : change) {
    alive = checked_add(alive, step);
    model.activation_bytes = std::max(model.activation_bytes, alive);
  }
  if (!known) {
    model.activation_remark = "at least: sizes of some tensors are known during a run only";
  }
}

}  // namespace flopmeter::onnx
