#include "kernels/layer.h"

#include <algorithm>

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

bool AnyLayer::offers(std::string_view backend) const {
  return std::ranges::find(backends, backend, &AnyBackend::name) != backends.end();
}

const AnyBackend& AnyLayer::definition() const {
  return *std::ranges::find(backends, BackendKind::definition, &AnyBackend::kind);
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
  const auto found = std::ranges::find(layers(), name, &AnyLayer::name);
  if (found == layers().end()) {
    bad_input("unknown layer '{}': one of {}", name, names(layers()));
  }
  return *found;
}

}  // namespace flopmeter
