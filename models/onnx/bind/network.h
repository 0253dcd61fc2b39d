// An ONNX file as a network that can run.
#pragma once

#include <memory>

#include "models/chain/network_file.h"
#include "models/file/mapped_file.h"

namespace flopmeter::onnx {

models::NetworkFile read_network(std::shared_ptr<const models::MappedFile> file,
                                 const models::ModelOptions& options);

}  // namespace flopmeter::onnx
