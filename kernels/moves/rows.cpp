// The moves: what their lists mean, and the loop that each is.
#include "kernels/moves/rows.h"

#include <algorithm>
#include <iterator>

namespace flopmeter::moves {
namespace {

namespace transpose {

void check(std::string_view layer, const Lists& lists) {
  same_rank(layer, lists, "the axes");
  Dims sorted = lists[1];
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<std::int64_t>(i)) {
      bad_input("{}: {} is no order of the axes 0 to {}, each once", layer, dims::print(lists[1]),
                sorted.size() - 1);
    }
  }
}

Dims result(const Lists& lists) {
  Dims dims;
  for (const std::int64_t axis : lists[1]) {
    dims.push_back(lists[0][static_cast<std::size_t>(axis)]);
  }
  return dims;
}

Loop loop(const Lists& lists) {
  const Dims strides = dims::strides(lists[0]);
  Dims from;
  for (const std::int64_t axis : lists[1]) {
    from.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  return in_order(result(lists), from);
}

}  // namespace transpose

namespace reshape {

void check(std::string_view layer, const Lists& lists) {
  if (dims::product(lists[0]) != dims::product(lists[1])) {
    bad_input("{}: {} has {} elements and {} has {}", layer, dims::print(lists[0]),
              dims::product(lists[0]), dims::print(lists[1]), dims::product(lists[1]));
  }
}

Dims result(const Lists& lists) { return lists[1]; }

Loop loop(const Lists& lists) { return in_order({dims::product(lists[0])}, {1}); }

}  // namespace reshape

namespace slice {

/// Source, result, first element and step in each dimension.
void fill(Lists& lists) {
  if (lists.size() < 3) {
    lists.emplace_back(lists[0].size(), 0);
  }
  if (lists.size() < 4) {
    lists.emplace_back(lists[0].size(), 1);
  }
}

void check(std::string_view layer, const Lists& lists) {
  same_rank(layer, lists, "the sizes, starts and steps");
  for (std::size_t d = 0; d < lists[0].size(); ++d) {
    const std::int64_t last = lists[2][d] + (lists[1][d] - 1) * lists[3][d];
    if (last >= lists[0][d]) {
      bad_input("{}: {} elements from {} in steps of {} do not lie in a dimension of {}", layer,
                lists[1][d], lists[2][d], lists[3][d], lists[0][d]);
    }
  }
}

Dims result(const Lists& lists) { return lists[1]; }

Loop loop(const Lists& lists) {
  Dims strides = dims::strides(lists[0]);
  std::int64_t start = 0;
  for (std::size_t d = 0; d < strides.size(); ++d) {
    start += lists[2][d] * strides[d];
    strides[d] *= lists[3][d];
  }
  return in_order(lists[1], strides, start);
}

}  // namespace slice

namespace pad {

void fill(Lists& lists) {
  if (lists.size() < 3) {
    lists.push_back(lists[1]);
  }
}

void check(std::string_view layer, const Lists& lists) {
  same_rank(layer, lists, "the elements before and behind");
}

Dims result(const Lists& lists) {
  Dims dims;
  for (std::size_t d = 0; d < lists[0].size(); ++d) {
    dims.push_back(lists[0][d] + lists[1][d] + lists[2][d]);
  }
  return dims;
}

Loop loop(const Lists& lists) {
  const Dims to = dims::strides(result(lists));
  std::int64_t start = 0;
  for (std::size_t d = 0; d < to.size(); ++d) {
    start += lists[1][d] * to[d];
  }
  return {lists[0], dims::strides(lists[0]), to, 0, start};
}

}  // namespace pad

namespace flip {

/// 1 for each axis that is reversed.
void check(std::string_view layer, const Lists& lists) {
  same_rank(layer, lists, "0 or 1");
  for (const std::int64_t flag : lists[1]) {
    if (flag > 1) {
      bad_input("{}: {} must be 0 or 1 for each axis", layer, dims::print(lists[1]));
    }
  }
}

Dims result(const Lists& lists) { return lists[0]; }

Loop loop(const Lists& lists) {
  Dims strides = dims::strides(lists[0]);
  std::int64_t start = 0;
  for (std::size_t d = 0; d < strides.size(); ++d) {
    if (lists[1][d] != 0) {
      start += (lists[0][d] - 1) * strides[d];
      strides[d] = -strides[d];
    }
  }
  return in_order(lists[0], strides, start);
}

}  // namespace flip

/// Equal parts along an axis, one behind the other: axis and parts.
namespace split {

void check(std::string_view layer, const Lists& lists) {
  if (lists[1].size() != 2) {
    bad_input("{} needs an axis and a number of parts, as in 8x96x49:1x3", layer);
  }
  const std::int64_t axis = lists[1][0];
  const std::int64_t parts = lists[1][1];
  if (axis >= std::ssize(lists[0])) {
    bad_input("{}: {} has no axis {}", layer, dims::print(lists[0]), axis);
  }
  const std::int64_t length = lists[0][static_cast<std::size_t>(axis)];
  if (parts == 0 || length % parts != 0) {
    bad_input("{}: a dimension of {} has no {} equal parts", layer, length, parts);
  }
}

Dims result(const Lists& lists) {
  Dims dims = lists[0];
  dims[static_cast<std::size_t>(lists[1][0])] /= lists[1][1];
  dims.insert(dims.begin(), lists[1][1]);
  return dims;
}

Loop loop(const Lists& lists) {
  const auto axis = static_cast<std::size_t>(lists[1][0]);
  const Dims parts = result(lists);
  Dims from = dims::strides(lists[0]);
  from.insert(from.begin(), parts[axis + 1] * from[axis]);
  return in_order(parts, from);
}

}  // namespace split

std::vector<Row> rows_of_places() {
  return {
      {"transpose",
       "y = x with its axes in another order",
       "dimensions and the order of the axes, as in 1x64x8x8:0x2x3x1",
       {source, {"p", -1, 0, 0, 2, 3, "axes of the source in the order of the result; -1: none"}},
       transpose::check,
       transpose::loop,
       transpose::result},
      {"reshape",
       "y = x in other dimensions, copied; as a view of the same memory it moves nothing",
       "dimensions of source and result, as in 1x2048x1x1:1x2048",
       {source, {"b", 0, 1, 1, 7, 3, "dimensions of the result; 0: none"}},
       reshape::check,
       reshape::loop,
       reshape::result},
      {"slice",
       "y = x from `start` on in steps, in each dimension",
       "sizes of source and result, starts and steps (left out: 0 and 1), as in 8x64:8x16:0x32:1x2",
       {source,
        {"b", 0, 1, 1, 7, 3, "dimensions of the result; 0: none"},
        {"o", -1, 0, 0, 3, 3, "starts; -1: none"},
        {"s", 0, 1, 1, 3, 3, "steps; 0: none"}},
       slice::check,
       slice::loop,
       slice::result,
       slice::fill},
      {"pad",
       "y = x with zeros before and behind it, in each dimension",
       "dimensions, elements before and behind (left out: as before), as in "
       "1x3x8x8:0x0x1x1:0x0x2x2",
       {source,
        {"l", -1, 0, 0, 3, 3, "elements before the source; -1: none"},
        {"h", -1, 0, 0, 3, 3, "elements behind the source; -1: none"}},
       pad::check,
       pad::loop,
       pad::result,
       pad::fill},
      {"flip",
       "y = x in reversed order along some axes",
       "dimensions and 1 for each axis that is reversed, as in 1x16x64:0x1x0",
       {source, {"f", -1, 0, 0, 1, 3, "1: that axis is reversed; -1: none"}},
       flip::check,
       flip::loop,
       flip::result},
      {"split",
       "y[p] = the p-th of equal parts of x along an axis",
       "dimensions, and axis x parts, as in 8x96x49:1x3",
       {source, {"k", -1, 0, 0, 3, 2, "k6: the axis, k7: parts; -1: none"}},
       split::check,
       split::loop,
       split::result},
  };
}

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all = [] {
    std::vector<Row> rows = rows_of_places();
    std::ranges::move(repeating_rows(), std::back_inserter(rows));
    std::ranges::move(block_rows(), std::back_inserter(rows));
    return rows;
  }();
  return all;
}

}  // namespace flopmeter::moves
