#include "kernels/layer.h"

#include <algorithm>

#include "kernels/names.h"

namespace flopmeter {
namespace {

/// "a, b, c" of the names in a table.
template <class Rows>
std::string names(const Rows& rows) {
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", row.name);
  }
  return text;
}

}  // namespace

const AnyBackend& AnyLayer::backend(std::string_view wanted) const {
  const auto found = std::ranges::find(backends, wanted, &AnyBackend::name);
  if (found == backends.end()) {
    bad_input("unknown backend '{}': {} has {}", wanted, name, names(backends));
  }
  return *found;
}

void AnyLayer::require(Pass pass) const {
  if (has(pass)) {
    return;
  }
  std::string known;
  for (const Pass one : passes) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", to_string(one));
  }
  bad_input("{} has no {} pass: {}", name, to_string(pass), known);
}

std::optional<Unavailable> reference_unavailable(const Setup& setup) {
  if (setup.dtype != Dtype::f32) {
    return Unavailable{"the reference loops are timed in f32 only"};
  }
  if (setup.threads != 1) {
    return Unavailable{"the reference loops use one thread"};
  }
  return std::nullopt;
}

const AnyLayer& find_layer(std::string_view name) {
  if (const AnyLayer* layer = layer_called(name)) {
    return *layer;
  }
  unknown_layer(name);
}

}  // namespace flopmeter
