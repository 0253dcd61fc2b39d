// Long rows cut into one piece for each thread.
#pragma once

#include <algorithm>

#include "kernels/eigen/share.h"

namespace flopmeter::eigen {

/// Calls work(begin, length) for pieces that make up 0 ... elements - 1. They begin at cache lines
/// of f32, so that no two threads write to the same line.
template <class Work>
void in_pieces(std::int64_t elements, int threads, const Work& work) {
  constexpr std::int64_t line = 16;
  const std::int64_t lines = (elements + line - 1) / line;
  const std::int64_t pieces = std::min<std::int64_t>(threads, lines);
  share(pieces, static_cast<int>(pieces), [&](std::int64_t piece) {
    const std::int64_t begin = lines * piece / pieces * line;
    const std::int64_t end = std::min(lines * (piece + 1) / pieces * line, elements);
    work(begin, end - begin);
  });
}

}  // namespace flopmeter::eigen
