// Where tensors lie in one piece of memory, so that none of them overlaps another that lives at the
// same time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace flopmeter {

/// Bytes that are needed from one step of a run to another, both included.
struct Lifespan {
  std::size_t bytes;
  std::size_t first, last;
};

/// The place of each lifespan, in bytes from the beginning: multiples of a cache line.
struct Arena {
  std::vector<std::size_t> offsets;
  std::size_t bytes = 0;
};

/// The largest first, each at the lowest place that is free as long as it lives: what XNNPACK and
/// TensorFlow Lite call greedy by size (Pisarchyk and Lee 2020). At least what is alive at once.
Arena plan_arena(std::span<const Lifespan> lifespans);

}  // namespace flopmeter
