// Tensors and the types of values, as their messages have them.
#include <charconv>

#include "models/onnx/reading.h"

namespace flopmeter::onnx {
namespace {

void read_external(std::string_view message, const FileReading& reading, TensorProto& tensor) {
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

DimProto read_dim(std::string_view message, const FileReading& reading) {
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

std::vector<DimProto> read_shape(std::string_view message, const FileReading& reading) {
  std::vector<DimProto> dims;
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 1) {
      dims.push_back(read_dim(message_of(f, "a dimension"), reading));
    }
  });
  return dims;
}

void read_type(std::string_view message, const FileReading& reading, ValueInfo& info) {
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

}  // namespace

std::pair<std::string_view, std::string_view> read_entry(std::string_view message,
                                                         const FileReading& reading) {
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

TensorProto read_tensor(std::string_view message, const FileReading& reading) {
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

TensorProto read_sparse(std::string_view message, const FileReading& reading) {
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

ValueInfo read_value_info(std::string_view message, const FileReading& reading) {
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

}  // namespace flopmeter::onnx
