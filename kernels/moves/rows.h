// What the rows of moves share.
#pragma once

#include <utility>
#include <vector>

#include "kernels/moves/moves.h"

namespace flopmeter::moves {

inline constexpr List source{
    "a", 0, 1, 1, 7, 3, "dimensions of the source, the last one a7; 0: none"};

inline void same_rank(std::string_view layer, const Lists& lists, std::string_view what) {
  for (std::size_t i = 1; i < lists.size(); ++i) {
    if (lists[i].size() != lists[0].size()) {
      bad_input("{}: {} has {} dimensions and {} has {}: one of {} for each dimension is needed",
                layer, dims::print(lists[0]), lists[0].size(), dims::print(lists[i]),
                lists[i].size(), what);
    }
  }
}

/// A tensor written in order, from places of the source with those strides.
inline Loop in_order(Dims result, Dims from_strides, std::int64_t from_start = 0) {
  const Dims to_strides = dims::strides(result);
  return {std::move(result), std::move(from_strides), to_strides, from_start, 0};
}

/// Moves that repeat elements.
std::vector<Row> repeating_rows();

/// Moves of blocks of pixels to channels and back.
std::vector<Row> block_rows();

}  // namespace flopmeter::moves
