// Data of tensors in files beside the model. Weights are never opened; shapes that exporters put there
// are, when they decide on something.
#pragma once

#include <string>

#include "models/onnx/wire/proto.h"

namespace flopmeter::onnx {

struct ExternalData {
  std::string folder;  // of the model; empty: nothing is read

  /// Throws BadInput unless the location is a relative path that stays in the folder, links followed.
  void check(const TensorProto& tensor) const;

  /// Reads `bytes` bytes; false when the file is not there. Throws BadInput when it is too short.
  bool read(const TensorProto& tensor, std::size_t bytes, std::string& to) const;
};

}  // namespace flopmeter::onnx
