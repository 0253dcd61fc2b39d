#include "models/onnx/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>

#include "counters/op_counts.h"
#include "models/onnx/graph.h"
#include "models/onnx/patterns.h"
#include "models/onnx/peak.h"
#include "models/onnx/weights.h"

namespace flopmeter::onnx {
namespace {

using models::layer_or_null;
using models::Model;
using models::ModelNode;

/// Completes shapes, each text once: a deep network repeats them.
class ShapeCache {
 public:
  const Values& complete(const AnyLayer& layer, const LayerUse& use) {
    std::string text = use.text;
    for (const auto& [key, value] : use.fields) {
      text += fmt::format("{}{}", key, value);
    }
    const auto [found, added] = values_.try_emplace(fmt::format("{}/{}", layer.name, text));
    if (added) {
      try {
        found->second = layer.parse(text);
      } catch (...) {
        values_.erase(found);
        throw;
      }
    }
    return found->second;
  }

 private:
  std::unordered_map<std::string, Values> values_;
};

std::string format_of(const ModelProto& proto) {
  std::string opsets;
  for (const OpsetProto& opset : proto.opsets) {
    opsets += fmt::format("{}{}{} {}", opsets.empty() ? "" : ", ",
                          opset.domain.empty() ? "opset" : opset.domain, "", opset.version);
  }
  std::string producer(proto.producer);
  if (!proto.producer_version.empty()) {
    producer += fmt::format(" {}", proto.producer_version);
  }
  return fmt::format("ONNX, IR {}, {}{}{}", proto.ir_version, opsets.empty() ? "no opset" : opsets,
                     producer.empty() ? "" : ", made by ", producer);
}

std::string operation_of(const NodeProto& node) {
  return node.domain.empty() ? std::string(node.op) : fmt::format("{}.{}", node.domain, node.op);
}

std::string output_of(const Graph& graph, const GraphNode& node) {
  if (node.outputs.empty()) {
    return "";
  }
  const Tensor& out = graph.tensors[static_cast<std::size_t>(node.outputs[0])].known;
  return out.dims ? to_string(*out.dims) : "?";
}

/// The first dimension of what the node reads besides parameters, 0 where that is not known.
std::int64_t batch_of(const Graph& graph, const GraphNode& node) {
  for (const int place : node.inputs) {
    if (place == nobody || graph.tensors[static_cast<std::size_t>(place)].stored) {
      continue;
    }
    const auto& dims = graph.tensors[static_cast<std::size_t>(place)].known.dims;
    return dims && !dims->empty() && dims->front().known() ? dims->front().value() : 0;
  }
  return 0;
}

/// PyTorch's exporter calls weights by their module's name, and anew, "onnx::Conv_497", where it
/// folds a batch norm into them. Identity nodes stand for equal ones.
bool has_folded_norm(const GraphNode& node) {
  const NodeProto& proto = *node.proto;
  return proto.op == "Conv" && proto.inputs.size() == 3 &&
         proto.inputs[1].starts_with("onnx::Conv_") && proto.inputs[2].starts_with("onnx::Conv_");
}

/// Rows of a stored table at places that are the same in every run.
std::string constant_lookup(const Graph& graph, const GraphNode& node) {
  if (!node.folded || node.proto->op != "Gather" || node.inputs.size() != 2) {
    return "";
  }
  const NamedTensor& table = graph.tensors[static_cast<std::size_t>(node.inputs[0])];
  const NamedTensor& places = graph.tensors[static_cast<std::size_t>(node.inputs[1])];
  if (!table.stored || !is_float(table.known.elem) || !table.known.dims || !places.known.dims ||
      table.known.dims->size() != 2 || !all_known(*places.known.dims)) {
    return "";
  }
  const Dims& rows = *table.known.dims;
  return fmt::format("mb{}vocab{}dim{}", elements_of(*places.known.dims).value(), rows[0].value(),
                     rows[1].value());
}

/// The first dimension of its places is that of an embedding's result.
std::int64_t batch_of_lookup(const Graph& graph, const GraphNode& node) {
  const auto& dims = graph.tensors[static_cast<std::size_t>(node.inputs[1])].known.dims;
  return dims && !dims->empty() ? dims->front().value() : 1;
}

/// A row without a layer.
ModelNode plain_row(const Graph& graph, const GraphNode& node) {
  ModelNode row{.name = std::string(node.name),
                .path = std::string(node.path),
                .operation = operation_of(*node.proto),
                .moves = node.lowered->moves,
                .reason = node.lowered->reason,
                .uses = node.uses,
                .covers = node.covers,
                .output = output_of(graph, node),
                .batch = batch_of(graph, node),
                .folded_norm = has_folded_norm(node),
                .lookup = constant_lookup(graph, node)};
  if (!row.lookup.empty()) {
    row.batch = batch_of_lookup(graph, node);
  }
  return row;
}

void append_layer_row(const GraphNode& node, const LayerUse& use, ShapeCache& shapes, ModelNode row,
                      Model& model) {
  if (!use.label.empty()) {
    row.name += ":" + use.label;
  }
  row.uses = checked_multiply(node.uses, use.times);
  const AnyLayer* layer = layer_or_null(use.layer);
  if (layer == nullptr) {
    row.reason = fmt::format("no layer counts {} ({})", row.operation, use.layer);
  } else {
    try {
      row.values = shapes.complete(*layer, use);
      row.layer = layer;
    } catch (const BadInput& error) {
      row.reason = fmt::format("the layer does not take it: {}", error.what());
    }
  }
  model.nodes.push_back(std::move(row));
}

void append_rows(const Graph& graph, const GraphNode& node, ShapeCache& shapes, Model& model) {
  ModelNode row = plain_row(graph, node);
  if (node.lowered->layers.empty()) {
    model.nodes.push_back(std::move(row));
    return;
  }
  const std::span<const LayerUse> uses = node.lowered->layers;
  for (const LayerUse& use : uses.first(uses.size() - 1)) {
    append_layer_row(node, use, shapes, row, model);
    row.reason.clear();  // said once
    row.covers.clear();
  }
  append_layer_row(node, uses.back(), shapes, std::move(row), model);
}

/// MACs of the rows of nodes [first, end).
std::int64_t macs_of(const Model& model, std::size_t first, std::size_t end) {
  std::int64_t macs = 0;
  for (const ModelNode& row : model.nodes) {
    if (row.layer != nullptr && row.order >= first && row.order < end) {
      const Formula formula = row.layer->formula(row.values, Pass::forward);
      macs = checked_add(macs, checked_multiply(row.uses, formula.dense.macs));
    }
  }
  return macs;
}

/// Of the branches of an open condition, the one with fewer MACs is what a run does at least.
void keep_cheaper_branches(const Graph& graph, Model& model) {
  for (const Choice& choice : graph.choices) {
    const bool first =
        macs_of(model, choice.first, choice.second) <= macs_of(model, choice.second, choice.end);
    for (ModelNode& row : model.nodes) {
      const bool in_first = row.order >= choice.first && row.order < choice.second;
      const bool in_second = row.order >= choice.second && row.order < choice.end;
      if (first ? in_second : in_first) {
        row.uses = 0;
      }
    }
  }
}

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

/// Stored tensors that some operator takes as parameters, each once.
void add_weights(const Graph& graph, Model& model) {
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

/// Settings are contents; nothing that is counted follows from the numbers of others.
void add_given_inputs(const Graph& graph, const models::ModelOptions& options, Model& model) {
  for (const int input : graph.inputs) {
    const std::string name(graph.tensors[static_cast<std::size_t>(input)].name);
    if (options.inputs.contains(name)) {
      model.remarks.push_back(fmt::format(
          "the numbers of the input '{}' are for runs: what is counted follows from its size",
          name));
    }
  }
}

/// Some exporters write 0 for a size that is free; ONNX means none by it.
void add_empty_inputs(const Graph& graph, Model& model) {
  for (const int input : graph.inputs) {
    const NamedTensor& tensor = graph.tensors[static_cast<std::size_t>(input)];
    const Dims dims = tensor.known.dims.value_or(Dims{});
    if (std::ranges::any_of(dims, [](const Dim& dim) { return dim.is(0); })) {
      model.remarks.push_back(fmt::format(
          "the input '{}' is empty, {}: what is made of it costs nothing, and is 'empty'",
          tensor.name, to_string(dims)));
    }
  }
}

}  // namespace

Model read(const models::MappedFile& file, const models::ModelOptions& options) {
  const ModelProto proto = read_model(file.bytes());
  GraphOptions wanted{.dims = options.dims,
                      .folder = std::filesystem::path(file.path()).parent_path().string(),
                      .given = options.inputs};
  if (wanted.folder.empty()) {
    wanted.folder = ".";
  }
  Graph graph = build_graph(proto, wanted);
  Model model;
  model.format = format_of(proto);
  if (!options.as_is) {
    model.patterns = recognise(graph);
  }
  add_weights(graph, model);
  set_activation_peak(graph, model);
  ShapeCache shapes;
  model.nodes.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const std::size_t before = model.nodes.size();
    if (graph.nodes[i].into == nobody) {
      append_rows(graph, graph.nodes[i], shapes, model);
    }
    if (!graph.nodes[i].lowered->remark.empty()) {
      graph.remarks.push_back(
          fmt::format("{}: {}", graph.nodes[i].name, graph.nodes[i].lowered->remark));
    }
    for (std::size_t row = before; row < model.nodes.size(); ++row) {
      model.nodes[row].order = i;
    }
  }
  keep_cheaper_branches(graph, model);
  if (!graph.inputs.empty()) {
    const auto& dims = graph.tensors[static_cast<std::size_t>(graph.inputs.front())].known.dims;
    const bool known = dims && !dims->empty() && dims->front().known();
    model.samples = known ? std::max<std::int64_t>(dims->front().value(), 1) : 1;
  }
  model.remarks = graph.remarks;
  add_empty_inputs(graph, model);
  add_given_inputs(graph, options, model);
  for (const OpsetProto& opset : proto.opsets) {
    if (opset.domain.empty() && opset.version > newest_opset) {
      model.remarks.push_back(fmt::format(
          "opset {} is newer than {}, the newest that is known here: its operators are read as of "
          "that",
          opset.version, newest_opset));
    }
  }
  if (graph.weightless) {
    model.remarks.emplace_back(
        "the file has no weights: inputs of fixed sizes that stand for them are counted as "
        "parameters");
  }
  return model;
}

}  // namespace flopmeter::onnx
