// Which shapes a sweep measures.
#pragma once

#include <vector>

#include "kernels/layer.h"

namespace flopmeter::claims {

/// Legal shapes of a layer, each once, in a fixed order.
std::vector<Values> sweep_shapes(const AnyLayer& layer);

/// A fixed-seed number in low..high, the same with every standard library.
template <class Random>
std::int64_t draw(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
}

}  // namespace flopmeter::claims
