// Writes ONNX models for tests: the wire format, and messages by their names.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "models/onnx/wire/proto.h"

namespace flopmeter::testing {

/// A message under construction.
class Message {
 public:
  Message& number(std::uint32_t field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  Message& real(std::uint32_t field, float value) {
    varint(field << 3 | 5);
    append(std::bit_cast<std::uint32_t>(value));
    return *this;
  }
  Message& text(std::uint32_t field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(std::uint32_t field, const Message& inner) { return text(field, inner.bytes_); }
  template <class T>
  void append(T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value > 127; value >>= 7) {
      bytes_ += static_cast<char>(value | 128);
    }
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

using Sizes = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

inline Message attribute(std::string_view name, std::int64_t value) {
  return Message().text(1, name).number(3, static_cast<std::uint64_t>(value)).number(20, 2);
}
inline Message attribute(std::string_view name, const Sizes& values) {
  Message m = Message().text(1, name).number(20, 7);
  for (const std::int64_t value : values) {
    m.number(8, static_cast<std::uint64_t>(value));
  }
  return m;
}
inline Message text_attribute(std::string_view name, std::string_view value) {
  return Message().text(1, name).text(4, value).number(20, 3);
}
inline Message real_attribute(std::string_view name, float value) {
  return Message().text(1, name).real(2, value).number(20, 1);
}
inline Message reals_attribute(std::string_view name, const std::vector<float>& values) {
  Message m = Message().text(1, name).number(20, 6);
  for (const float value : values) {
    m.real(7, value);
  }
  return m;
}
inline Message texts_attribute(std::string_view name, const Names& values) {
  Message m = Message().text(1, name).number(20, 8);
  for (const std::string& value : values) {
    m.text(9, value);
  }
  return m;
}
inline Message tensor_attribute(std::string_view name, const Message& tensor) {
  return Message().text(1, name).message(5, tensor).number(20, 4);
}
inline Message graph_attribute(std::string_view name, const Message& graph) {
  return Message().text(1, name).message(6, graph).number(20, 5);
}

inline Message node(std::string_view op, const Names& inputs, const Names& outputs,
                    const std::vector<Message>& attributes = {}, std::string_view name = {},
                    std::string_view domain = {}) {
  Message m;
  for (const std::string& input : inputs) {
    m.text(1, input);
  }
  for (const std::string& output : outputs) {
    m.text(2, output);
  }
  m.text(3, name.empty() ? std::string_view(outputs.front()) : name).text(4, op);
  for (const Message& one : attributes) {
    m.message(5, one);
  }
  return domain.empty() ? m : m.text(7, domain);
}

/// Floats without data: a weight that nobody looks at is missing its data only where it is small.
inline Message integers(std::string_view name, const Sizes& dims, const Sizes& values) {
  Message m;
  for (const std::int64_t dim : dims) {
    m.number(1, static_cast<std::uint64_t>(dim));
  }
  Message raw;
  for (const std::int64_t value : values) {
    raw.append(value);
  }
  return m.number(2, 7).text(8, name).text(9, raw.bytes());
}
/// A byte of 1 for each element, of a type that has no more.
inline Message ones(std::string_view name, const Sizes& dims, int elem = 2) {
  Message m;
  std::size_t count = 1;
  for (const std::int64_t dim : dims) {
    m.number(1, static_cast<std::uint64_t>(dim));
    count *= static_cast<std::size_t>(dim);
  }
  return m.number(2, static_cast<std::uint64_t>(elem)).text(8, name).text(9, std::string(count, 1));
}

inline Message reals(std::string_view name, const Sizes& dims, const std::vector<float>& values) {
  Message m;
  for (const std::int64_t dim : dims) {
    m.number(1, static_cast<std::uint64_t>(dim));
  }
  Message raw;
  for (const float value : values) {
    raw.append(value);
  }
  return m.number(2, 1).text(8, name).text(9, raw.bytes());
}
/// A float tensor of zeros.
inline Message weight(std::string_view name, const Sizes& dims) {
  std::size_t count = 1;
  for (const std::int64_t dim : dims) {
    count *= static_cast<std::size_t>(dim);
  }
  return reals(name, dims, std::vector<float>(count, 0));
}

/// Sizes as text: "1x3xN"; a number is a size, anything else a name.
inline Message value(std::string_view name, std::string_view dims, int elem = 1) {
  Message shape;
  for (std::size_t at = 0; at < dims.size();) {
    const std::size_t end = std::min(dims.find('x', at), dims.size());
    const std::string dim(dims.substr(at, end - at));
    const bool size = dim.find_first_not_of("0123456789") == std::string::npos;
    shape.message(1, size ? Message().number(1, std::stoull(dim)) : Message().text(2, dim));
    at = end + 1;
  }
  const Message tensor = Message().number(1, static_cast<std::uint64_t>(elem)).message(2, shape);
  return Message().text(1, name).message(2, Message().message(1, tensor));
}

struct GraphParts {
  std::vector<Message> nodes, inputs, outputs, initializers = {};
};

inline Message graph(const GraphParts& parts) {
  Message m;
  for (const Message& one : parts.nodes) {
    m.message(1, one);
  }
  m.text(2, "graph");
  for (const Message& one : parts.initializers) {
    m.message(5, one);
  }
  for (const Message& one : parts.inputs) {
    m.message(11, one);
  }
  for (const Message& one : parts.outputs) {
    m.message(12, one);
  }
  return m;
}

inline Message opset(std::string_view domain, std::int64_t version) {
  return Message().text(1, domain).number(2, static_cast<std::uint64_t>(version));
}

inline std::string model(const GraphParts& parts, std::int64_t version = 17,
                         const std::vector<Message>& functions = {}) {
  Message m = Message().number(1, 8).message(7, graph(parts)).message(8, opset("", version));
  m.message(8, opset("com.microsoft", 1)).message(8, opset("local", 1));
  for (const Message& function : functions) {
    m.message(25, function);
  }
  return m.bytes();
}

}  // namespace flopmeter::testing
