#include "models/onnx/proto.h"

#include <bit>
#include <charconv>

#include "kernels/bad_input.h"
#include "models/onnx/wire.h"

namespace flopmeter::onnx {
namespace {

/// What reading one file knows besides the message at hand.
struct Reading {
  const char* origin;
  std::size_t nodes = 0;
};

/// Calls `take` with each field of a message.
template <class Take>
void each_field(std::string_view message, const Reading& reading, Take take) {
  WireReader reader(message, reading.origin);
  WireField field;
  while (reader.next(field)) {
    take(field);
  }
}

std::string_view name_of(const WireField& field, const Reading& reading) {
  if (field.bytes.size() > max_name) {
    bad_input("a name of {} bytes at byte {}: at most {} are read", field.bytes.size(),
              field.bytes.data() - reading.origin, max_name);
  }
  return field.bytes;
}

/// A message, where a number would be nonsense.
std::string_view message_of(const WireField& field, std::string_view what) {
  if (field.type != WireType::bytes) {
    bad_input("not an ONNX model: {} is a number, not a message", what);
  }
  return field.bytes;
}

/// StringStringEntryProto.
std::pair<std::string_view, std::string_view> read_entry(std::string_view message,
                                                         const Reading& reading) {
  std::pair<std::string_view, std::string_view> entry;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      entry.first = f.bytes;
    } else if (f.number == 2) {
      entry.second = f.bytes;
    }
  });
  return entry;
}

void read_external(std::string_view message, const Reading& reading, TensorProto& tensor) {
  const auto [key, value] = read_entry(message, reading);
  if (key == "location") {
    tensor.location = value;
  } else if (key == "offset") {
    std::from_chars(value.data(), value.data() + value.size(), tensor.offset);
  }
}

void check_dims(const TensorProto& tensor) {
  if (tensor.dims.size() > max_rank) {
    bad_input("tensor '{}' has {} dimensions: at most {} are read", tensor.name, tensor.dims.size(),
              max_rank);
  }
  for (const std::int64_t dim : tensor.dims) {
    if (dim < 0) {
      bad_input("tensor '{}' has a dimension of {}", tensor.name, dim);
    }
  }
}

TensorProto read_tensor(std::string_view message, const Reading& reading) {
  TensorProto tensor;
  tensor.message = message;
  each_field(message, reading, [&](const WireField& f) {
    switch (f.number) {
      case 1:
        append_varints(f, reading.origin, tensor.dims);
        break;
      case 2:
        tensor.elem = static_cast<Elem>(static_cast<std::int32_t>(f.integer));
        break;
      case 8:
        tensor.name = name_of(f, reading);
        break;
      case 9:
        tensor.raw = f.bytes;
        tensor.has_raw = true;
        break;
      case 13:
        read_external(message_of(f, "external data of a tensor"), reading, tensor);
        break;
      case 14:
        tensor.external = f.integer == 1;
        break;
      default:
        break;
    }
  });
  check_dims(tensor);
  return tensor;
}

TensorProto read_sparse(std::string_view message, const Reading& reading) {
  TensorProto values;
  std::vector<std::int64_t> dims;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      values = read_tensor(message_of(f, "a sparse tensor"), reading);
    } else if (f.number == 3) {
      append_varints(f, reading.origin, dims);
    }
  });
  values.stored = values.dims.empty() ? 1 : values.dims.front();
  values.dims = std::move(dims);
  values.sparse = true;
  check_dims(values);
  return values;
}

DimProto read_dim(std::string_view message, const Reading& reading) {
  DimProto dim;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      dim.value = static_cast<std::int64_t>(f.integer);
    } else if (f.number == 2) {
      dim.param = name_of(f, reading);
    }
  });
  return dim;
}

std::vector<DimProto> read_shape(std::string_view message, const Reading& reading) {
  std::vector<DimProto> dims;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      dims.push_back(read_dim(message_of(f, "a dimension"), reading));
    }
  });
  return dims;
}

void read_type(std::string_view message, const Reading& reading, ValueInfo& info) {
  info.tensor = false;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      info.tensor = true;
      each_field(message_of(f, "a type"), reading, [&](const WireField& t) {
        if (t.number == 1) {
          info.elem = static_cast<Elem>(static_cast<std::int32_t>(t.integer));
        } else if (t.number == 2) {
          info.dims = read_shape(message_of(t, "a shape"), reading);
        }
      });
    }
  });
}

ValueInfo read_value_info(std::string_view message, const Reading& reading) {
  ValueInfo info;
  std::string_view type;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      info.name = name_of(f, reading);
    } else if (f.number == 2) {
      type = f.bytes;
    }
  });
  read_type(type, reading, info);
  if (type.empty()) {
    info.tensor = true;
  }
  if (info.dims && info.dims->size() > max_rank) {
    bad_input("'{}' has {} dimensions: at most {} are read", info.name, info.dims->size(),
              max_rank);
  }
  return info;
}

GraphProto read_graph(std::string_view message, Reading& reading, int depth);

AttributeProto read_attribute(std::string_view message, Reading& reading, int depth) {
  AttributeProto a;
  each_field(message, reading, [&](const WireField& f) {
    switch (f.number) {
      case 1:
        a.name = name_of(f, reading);
        break;
      case 2:
        a.f = std::bit_cast<float>(static_cast<std::uint32_t>(f.integer));
        break;
      case 3:
        a.i = static_cast<std::int64_t>(f.integer);
        break;
      case 4:
        a.s = f.bytes;
        break;
      case 5:
        a.t = read_tensor(message_of(f, "a tensor"), reading);
        break;
      case 6:
        a.g =
            std::make_shared<GraphProto>(read_graph(message_of(f, "a graph"), reading, depth + 1));
        break;
      case 7:
        append_floats(f, a.floats);
        break;
      case 8:
        append_varints(f, reading.origin, a.ints);
        break;
      case 9:
        a.strings.push_back(f.bytes);
        break;
      case 20:
        a.type = static_cast<int>(f.integer);
        break;
      case 21:
        a.ref = name_of(f, reading);
        break;
      case 22:
        a.t = read_sparse(message_of(f, "a sparse tensor"), reading);
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

void read_metadata(std::string_view message, const Reading& reading, NodeProto& node) {
  const auto [key, value] = read_entry(message, reading);
  if (key == "pkg.torch.onnx.name_scopes") {
    node.scopes = read_scopes(value);
    // The last is the node itself.
    if (!node.scopes.empty()) {
      node.scopes.pop_back();
    }
  }
}

NodeProto read_node(std::string_view message, Reading& reading, int depth) {
  if (++reading.nodes > max_nodes) {
    bad_input("more than {} nodes", max_nodes);
  }
  NodeProto n;
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

GraphProto read_graph(std::string_view message, Reading& reading, int depth) {
  if (depth > max_depth) {
    bad_input("graphs are nested more than {} deep", max_depth);
  }
  GraphProto g;
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

OpsetProto read_opset(std::string_view message, const Reading& reading) {
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

FunctionProto read_function(std::string_view message, Reading& reading) {
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

void read_model_field(const WireField& f, Reading& reading, ModelProto& model, bool& graph) {
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
  Reading reading{bytes.data()};
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
  const Reading reading{bytes.data()};
  return read_tensor(bytes, reading);
}

}  // namespace flopmeter::onnx
