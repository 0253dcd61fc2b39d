#include "models/model.h"

#include <algorithm>

#include "models/file/mapped_file.h"
#include "models/onnx/read.h"

namespace flopmeter::models {

const AnyLayer* layer_or_null(std::string_view name) {
  static const auto by_name = [] {
    std::map<std::string_view, const AnyLayer*> map;
    for (const AnyLayer& layer : layers()) {
      map.emplace(layer.name, &layer);
    }
    return map;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

Model read_model_file(const std::string& path, const ModelOptions& options) {
  const MappedFile file(path);
  Model model = onnx::read(file, options);
  model.path = path;
  return model;
}

}  // namespace flopmeter::models
