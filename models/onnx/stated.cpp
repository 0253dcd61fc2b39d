// Shapes that a file states of results, for operators that are not known.
#include <algorithm>
#include <optional>

#include "models/onnx/builder.h"
#include "models/onnx/free_dims.h"

namespace flopmeter::onnx {
namespace {

/// Its value, where all names in it are free in an input: exporters name dimensions that data decide, too.
std::optional<Dim> stated_dim(const DimProto& dim, const std::vector<std::string>& free,
                              const GraphOptions& options) {
  if (!is_free(dim)) {
    return Dim(*dim.value);
  }
  const std::string name(dim.param);
  const auto is_bound = [&](const std::string& atom) {
    return std::ranges::find(free, atom) != free.end();
  };
  if (name.empty() || !std::ranges::all_of(atoms_of(name), is_bound)) {
    return std::nullopt;
  }
  const Dim value = bound_dim(name, options);
  return value.known() ? std::optional(value) : std::nullopt;
}

/// What the file says of a result, where it says it whole.
std::optional<Tensor> stated_tensor(const ValueInfo& info, const std::vector<std::string>& free,
                                    const GraphOptions& options) {
  if (!info.tensor || !info.dims) {
    return std::nullopt;
  }
  Tensor known{.elem = info.elem};
  known.dims.emplace();
  for (const DimProto& dim : *info.dims) {
    const std::optional<Dim> size = stated_dim(dim, free, options);
    if (!size) {
      return std::nullopt;
    }
    known.dims->push_back(*size);
  }
  elements_of(*known.dims);  // must fit
  return known;
}

}  // namespace

/// Results of an operator that is not known have the shapes that the file gives them: what follows is counted.
/// With another batch than the file's they are not these.
void GraphBuilder::take_stated_shapes(const Scope& scope, NodeView& view) {
  if (scope.outer != nullptr || options_.batch != 1) {
    return;
  }
  bool taken = false;
  for (std::size_t i = 0; i < view.outputs.size(); ++i) {
    if (view.outputs[i].dims || view.outputs[i].sequence) {
      continue;
    }
    const auto found = stated().find(view.proto.outputs[i]);
    if (found == stated_.end()) {
      continue;
    }
    if (std::optional<Tensor> known = stated_tensor(*found->second, free_, options_)) {
      view.outputs[i] = std::move(*known);
      taken = true;
    }
  }
  stated_taken_ += taken ? 1 : 0;
}

const std::unordered_map<std::string_view, const ValueInfo*>& GraphBuilder::stated() {
  if (stated_.empty()) {
    free_ = free_dims(model_);
    for (const auto* infos : {&model_.graph.value_infos, &model_.graph.outputs}) {
      for (const ValueInfo& info : *infos) {
        stated_.emplace(info.name, &info);
      }
    }
  }
  return stated_;
}

}  // namespace flopmeter::onnx
