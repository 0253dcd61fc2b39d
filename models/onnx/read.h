// An ONNX file as a Model.
#pragma once

#include "models/file/mapped_file.h"
#include "models/model.h"

namespace flopmeter::onnx {

models::Model read(const models::MappedFile& file, const models::ModelOptions& options);

}  // namespace flopmeter::onnx
