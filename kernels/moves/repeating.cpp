// Moves that repeat elements: what their lists mean, and the loop that each is.
#include <algorithm>
#include <functional>
#include <iterator>

#include "kernels/moves/rows.h"

namespace flopmeter::moves {
namespace {

namespace broadcast_to {

void check(std::string_view layer, const Lists& lists) {
  same_rank(layer, lists, "the sizes");
  for (std::size_t d = 0; d < lists[0].size(); ++d) {
    if (lists[0][d] != lists[1][d] && lists[0][d] != 1) {
      bad_input("{}: a dimension of {} cannot become one of {}: it must be 1 or stay", layer,
                lists[0][d], lists[1][d]);
    }
  }
}

Dims result(const Lists& lists) { return lists[1]; }

Loop loop(const Lists& lists) {
  Dims strides = dims::strides(lists[0]);
  for (std::size_t d = 0; d < strides.size(); ++d) {
    strides[d] = lists[0][d] == 1 ? 0 : strides[d];
  }
  return in_order(lists[1], strides);
}

}  // namespace broadcast_to

namespace tile {

void check(std::string_view layer, const Lists& lists) {
  same_rank(layer, lists, "the repetitions");
}

Dims result(const Lists& lists) {
  Dims dims;
  std::ranges::transform(lists[0], lists[1], std::back_inserter(dims), std::multiplies<>());
  return dims;
}

/// Each dimension is two: which repetition, and where in it.
Loop loop(const Lists& lists) {
  const Dims from = dims::strides(lists[0]);
  const Dims to = dims::strides(result(lists));
  Loop loop;
  for (std::size_t d = 0; d < from.size(); ++d) {
    loop.extents.insert(loop.extents.end(), {lists[1][d], lists[0][d]});
    loop.from_strides.insert(loop.from_strides.end(), {0, from[d]});
    loop.to_strides.insert(loop.to_strides.end(), {to[d] * lists[0][d], to[d]});
  }
  return loop;
}

}  // namespace tile

}  // namespace

std::vector<Row> repeating_rows() {
  return {
      {"broadcast_to",
       "y = x with dimensions of 1 repeated",
       "dimensions of source and result, as in 1x64x1:8x64x49",
       {source, {"b", 0, 1, 1, 7, 3, "dimensions of the result; 0: none"}},
       broadcast_to::check,
       broadcast_to::loop,
       broadcast_to::result},
      {"tile",
       "y = x repeated as a whole, in each dimension",
       "dimensions and repetitions, as in 2x3:4x1",
       {source, {"t", 0, 1, 1, 3, 3, "repetitions; 0: none"}},
       tile::check,
       tile::loop,
       tile::result},
  };
}

}  // namespace flopmeter::moves
