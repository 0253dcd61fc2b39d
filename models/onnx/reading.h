// What the readers of an ONNX file's messages share.
#pragma once

#include <string_view>
#include <utility>

#include "kernels/bad_input.h"
#include "models/onnx/wire/proto.h"
#include "models/onnx/wire/wire.h"

namespace flopmeter::onnx {

/// What reading one file knows besides the message at hand.
struct FileReading {
  const char* origin;
  std::size_t nodes = 0;
};

/// Calls `take` with each field of a message.
template <class Take>
void each_field(std::string_view message, const FileReading& reading, Take take) {
  WireReader reader(message, reading.origin);
  WireField field;
  while (reader.next(field)) {
    take(field);
  }
}

inline std::string_view name_of(const WireField& field, const FileReading& reading) {
  if (field.bytes.size() > max_name) {
    bad_input("a name of {} bytes at byte {}: at most {} are read", field.bytes.size(),
              field.bytes.data() - reading.origin, max_name);
  }
  return field.bytes;
}

/// A message, where a number would be nonsense.
inline std::string_view message_of(const WireField& field, std::string_view what) {
  if (field.type != WireType::bytes) {
    bad_input("not an ONNX model: {} is a number, not a message", what);
  }
  return field.bytes;
}

/// A pair of texts: a key and its value.
std::pair<std::string_view, std::string_view> read_entry(std::string_view message,
                                                         const FileReading& reading);
TensorProto read_tensor(std::string_view message, const FileReading& reading);
TensorProto read_sparse(std::string_view message, const FileReading& reading);
ValueInfo read_value_info(std::string_view message, const FileReading& reading);

}  // namespace flopmeter::onnx
