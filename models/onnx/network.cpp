#include "models/onnx/network.h"

#include <filesystem>

#include "models/onnx/bind.h"

namespace flopmeter::onnx {

models::NetworkFile read_network(std::shared_ptr<const models::MappedFile> file,
                                 const models::ModelOptions& options) {
  auto source = std::make_shared<Source>();
  std::string folder = std::filesystem::path(file->path()).parent_path().string();
  source->external.folder = folder.empty() ? "." : folder;
  source->model = read_model(file->bytes());
  source->file = std::move(file);
  source->graph =
      build_graph(source->model, {.dims = options.dims, .folder = source->external.folder});
  return NetworkBuilder(std::move(source)).build();
}

}  // namespace flopmeter::onnx
