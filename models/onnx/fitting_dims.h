// Sizes for dimensions that a file leaves open: what a refusal proposes.
#pragma once

#include <string>
#include <vector>

#include "models/onnx/graph.h"

namespace flopmeter::onnx {

struct NamedSize {
  std::string name;
  std::int64_t size;
};

/// Those that networks people have go with, by the name; where the graph cannot be made with these, larger ones with
/// which it can, if any of those that are tried are.
std::vector<NamedSize> fitting_dims(const ModelProto& model, const GraphOptions& options,
                                    const std::vector<std::string>& names);

/// "--dim batch=1 --dim 'sequence length=128'", as a shell takes it.
std::string options_text(const std::vector<NamedSize>& sizes);

/// What to add to a refusal of shapes that do not fit, where dimensions were given smaller than they may have to be; else
/// empty.
std::string larger_dims(const ModelProto& model, const GraphOptions& options);

}  // namespace flopmeter::onnx
