#include "kernels/moves/loop.h"

namespace flopmeter::moves {

Loop Loop::merged() const {
  Loop loop{{}, {}, {}, from_start, to_start};
  for (std::size_t d = 0; d < extents.size(); ++d) {
    if (extents[d] == 1) {
      continue;
    }
    const bool continues = !loop.extents.empty() &&
                           loop.from_strides.back() == from_strides[d] * extents[d] &&
                           loop.to_strides.back() == to_strides[d] * extents[d];
    if (continues) {
      loop.extents.back() *= extents[d];
      loop.from_strides.back() = from_strides[d];
      loop.to_strides.back() = to_strides[d];
    } else {
      loop.extents.push_back(extents[d]);
      loop.from_strides.push_back(from_strides[d]);
      loop.to_strides.push_back(to_strides[d]);
    }
  }
  if (loop.extents.empty()) {
    return {{1}, {1}, {1}, from_start, to_start};
  }
  return loop;
}

}  // namespace flopmeter::moves
