#include "models/onnx/wire/proto.h"

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"
#include "models/onnx/reading.h"

namespace flopmeter::onnx {
namespace {

GraphProto read_graph(std::string_view message, FileReading& reading, int depth);

/// How often each field is there, so that what holds them is made once.
using FieldCounts = std::array<std::size_t, 32>;

FieldCounts count_fields(std::string_view message, const FileReading& reading) {
  FieldCounts counts{};
  each_field(message, reading, [&](const WireField& f) {
    if (f.number < counts.size()) {
      ++counts[f.number];
    }
  });
  return counts;
}

/// Reads all of it, so that what is wrong with it is said with its place, and keeps what is not a value.
AttributeProto read_attribute(std::string_view message, FileReading& reading, int depth) {
  AttributeProto a;
  a.message = message;
  std::vector<double> floats;
  std::vector<std::int64_t> ints;
  each_field(message, reading, [&](const WireField& f) {
    switch (f.number) {
      case 1:
        a.name = name_of(f, reading);
        break;
      case 5:
        read_tensor(message_of(f, "a tensor"), reading);
        break;
      case 6:
        a.graph =
            std::make_shared<GraphProto>(read_graph(message_of(f, "a graph"), reading, depth + 1));
        break;
      case 7:
        append_floats(f, floats);
        break;
      case 8:
        append_varints(f, reading.origin, ints);
        break;
      case 20:
        a.type = static_cast<int>(f.integer);
        break;
      case 21:
        name_of(f, reading);
        break;
      case 22:
        read_sparse(message_of(f, "a sparse tensor"), reading);
        break;
      default:
        break;
    }
  });
  return a;
}

/// "['', 'layers.0', 'layers.0.linear']", as torch's exporter writes the modules around a node.
std::vector<std::string_view> read_scopes(std::string_view list) {
  std::vector<std::string_view> scopes;
  for (std::size_t at = list.find('\''); at != std::string_view::npos;) {
    const std::size_t end = list.find('\'', at + 1);
    if (end == std::string_view::npos) {
      break;
    }
    if (end > at + 1) {
      scopes.push_back(list.substr(at + 1, end - at - 1));
    }
    at = list.find('\'', end + 1);
  }
  return scopes;
}

void read_metadata(std::string_view message, const FileReading& reading, NodeProto& node) {
  const auto [key, value] = read_entry(message, reading);
  if (key == "pkg.torch.onnx.name_scopes") {
    node.scopes = read_scopes(value);
    // The last is the node itself.
    if (!node.scopes.empty()) {
      node.scopes.pop_back();
    }
  }
}

NodeProto read_node(std::string_view message, FileReading& reading, int depth) {
  if (++reading.nodes > max_nodes) {
    bad_input("more than {} nodes", max_nodes);
  }
  NodeProto n;
  const FieldCounts counts = count_fields(message, reading);
  n.inputs.reserve(counts[1]);
  n.outputs.reserve(counts[2]);
  n.attributes.reserve(counts[5]);
  each_field(message, reading, [&](const WireField& f) {
    switch (f.number) {
      case 1:
        n.inputs.push_back(name_of(f, reading));
        break;
      case 2:
        n.outputs.push_back(name_of(f, reading));
        break;
      case 3:
        n.name = name_of(f, reading);
        break;
      case 4:
        n.op = name_of(f, reading);
        break;
      case 5:
        n.attributes.push_back(read_attribute(message_of(f, "an attribute"), reading, depth));
        break;
      case 7:
        n.domain = name_of(f, reading);
        break;
      case 8:
        n.overload = name_of(f, reading);
        break;
      case 9:
        read_metadata(message_of(f, "metadata"), reading, n);
        break;
      default:
        break;
    }
  });
  if (n.domain == "ai.onnx") {
    n.domain = "";
  }
  return n;
}

GraphProto read_graph(std::string_view message, FileReading& reading, int depth) {
  if (depth > max_depth) {
    bad_input("graphs are nested more than {} deep", max_depth);
  }
  GraphProto g;
  const FieldCounts counts = count_fields(message, reading);
  g.nodes.reserve(std::min(counts[1], max_nodes));
  g.initializers.reserve(counts[5] + counts[15]);
  g.inputs.reserve(counts[11]);
  g.outputs.reserve(counts[12]);
  g.value_infos.reserve(counts[13]);
  each_field(message, reading, [&](const WireField& f) {
    switch (f.number) {
      case 1:
        g.nodes.push_back(read_node(message_of(f, "a node"), reading, depth));
        break;
      case 2:
        g.name = name_of(f, reading);
        break;
      case 5:
        g.initializers.push_back(read_tensor(message_of(f, "an initializer"), reading));
        break;
      case 11:
        g.inputs.push_back(read_value_info(message_of(f, "an input"), reading));
        break;
      case 12:
        g.outputs.push_back(read_value_info(message_of(f, "an output"), reading));
        break;
      case 13:
        g.value_infos.push_back(read_value_info(message_of(f, "a value"), reading));
        break;
      case 15:
        g.initializers.push_back(read_sparse(message_of(f, "an initializer"), reading));
        break;
      default:
        break;
    }
  });
  return g;
}

OpsetProto read_opset(std::string_view message, const FileReading& reading) {
  OpsetProto opset;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      opset.domain = f.bytes;
    } else if (f.number == 2) {
      opset.version = static_cast<std::int64_t>(f.integer);
    }
  });
  if (opset.domain == "ai.onnx") {
    opset.domain = "";
  }
  return opset;
}

FunctionProto read_function(std::string_view message, FileReading& reading) {
  FunctionProto function;
  each_field(message, reading, [&](const WireField& f) {
    switch (f.number) {
      case 1:
        function.name = name_of(f, reading);
        break;
      case 4:
        function.inputs.push_back(name_of(f, reading));
        break;
      case 5:
        function.outputs.push_back(name_of(f, reading));
        break;
      case 6:
        function.attributes.push_back(name_of(f, reading));
        break;
      case 7:
        function.nodes.push_back(read_node(message_of(f, "a node"), reading, 0));
        break;
      case 9:
        function.opsets.push_back(read_opset(message_of(f, "an opset"), reading));
        break;
      case 10:
        function.domain = name_of(f, reading);
        break;
      case 11:
        function.defaults.push_back(read_attribute(message_of(f, "an attribute"), reading, 0));
        break;
      case 13:
        function.overload = name_of(f, reading);
        break;
      default:
        break;
    }
  });
  if (function.domain == "ai.onnx") {
    function.domain = "";
  }
  return function;
}

void read_model_field(const WireField& f, FileReading& reading, ModelProto& model, bool& graph) {
  switch (f.number) {
    case 1:
      model.ir_version = static_cast<std::int64_t>(f.integer);
      break;
    case 2:
      model.producer = f.bytes;
      break;
    case 3:
      model.producer_version = f.bytes;
      break;
    case 7:
      model.graph = read_graph(message_of(f, "the graph"), reading, 0);
      graph = true;
      break;
    case 8:
      model.opsets.push_back(read_opset(message_of(f, "an opset"), reading));
      break;
    case 25:
      model.functions.push_back(read_function(message_of(f, "a function"), reading));
      break;
    default:
      break;
  }
}

}  // namespace

ModelProto read_model(std::string_view bytes) {
  FileReading reading{bytes.data()};
  ModelProto model;
  bool graph = false;
  each_field(bytes, reading,
             [&](const WireField& f) { read_model_field(f, reading, model, graph); });
  if (!graph) {
    bad_input("not an ONNX model: it has no graph");
  }
  return model;
}

TensorProto read_tensor_file(std::string_view bytes) {
  const FileReading reading{bytes.data()};
  return read_tensor(bytes, reading);
}

}  // namespace flopmeter::onnx
