// What the Eigen backends of all layers do not do.
#pragma once

#include <optional>

#include "kernels/backend.h"

namespace flopmeter::eigen {

/// The reason for which the setup is not available, if there is one.
inline std::optional<Unavailable> unavailable(const Setup& setup) {
  if (setup.dtype != Dtype::f32) {
    return Unavailable{"the Eigen backend computes in f32 only"};
  }
  if (setup.pass != Pass::forward) {
    return Unavailable{"the Eigen backend computes the forward pass only"};
  }
  return std::nullopt;
}

}  // namespace flopmeter::eigen
