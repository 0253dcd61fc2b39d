#include "models/onnx/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <unordered_map>

#include "counters/op_counts.h"
#include "models/onnx/graph.h"
#include "models/onnx/patterns/patterns.h"
#include "models/onnx/peak.h"
#include "models/onnx/stored_weights.h"

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
