#include "models/onnx/bind/network.h"

#include <algorithm>
#include <filesystem>

#include "kernels/bad_input.h"
#include "models/onnx/bind/binder.h"

namespace flopmeter::onnx {
namespace {

/// Reshapes that have a batch written into them would run, with samples mixed up: every result has to grow in its
/// first dimension alone.
void require_batch(const Graph& one, const Graph& all, std::int64_t batch) {
  for (std::size_t i = 0; i < one.outputs.size(); ++i) {
    const NamedTensor& before = one.tensors[static_cast<std::size_t>(one.outputs[i])];
    const Tensor& after = all.tensors[static_cast<std::size_t>(all.outputs[i])].known;
    Dims expected = before.known.dims.value_or(Dims{});
    if (!expected.empty()) {
      expected.front() = expected.front() * batch;
    }
    if (expected.empty() || !after.dims || !std::ranges::equal(expected, *after.dims)) {
      bad_input(
          "--batch {}: the result '{}' is {}, and {} with it: the file has its batch written into "
          "it "
          "(or its samples are not the first dimension)",
          batch, before.name, to_string(before.known.dims.value_or(Dims{})),
          to_string(after.dims.value_or(Dims{})));
    }
  }
}

}  // namespace

models::NetworkFile read_network(std::shared_ptr<const models::MappedFile> file,
                                 const models::ModelOptions& options) {
  auto source = std::make_shared<Source>();
  std::string folder = std::filesystem::path(file->path()).parent_path().string();
  source->external.folder = folder.empty() ? "." : folder;
  source->model = read_model(file->bytes());
  source->file = std::move(file);
  GraphOptions wanted{.dims = options.dims,
                      .folder = source->external.folder,
                      .given = options.inputs,
                      .to_run = true};
  source->given = options.inputs;
  source->batch = std::max<std::int64_t>(options.batch, 1);
  source->graph = build_graph(source->model, wanted);
  if (options.batch > 1) {
    wanted.batch = options.batch;
    Graph all = build_graph(source->model, wanted);
    require_batch(source->graph, all, options.batch);
    source->graph = std::move(all);
  }
  return NetworkBuilder(std::move(source)).build();
}

}  // namespace flopmeter::onnx
