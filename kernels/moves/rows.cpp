// The moves: what their lists mean, and the loop that each is.
#include <functional>

#include "kernels/moves/moves.h"

namespace flopmeter::moves {
namespace {

constexpr List source{"a", 0, 1, 1, 7, 3, "dimensions of the source, the last one a7; 0: none"};

void same_rank(std::string_view layer, const Lists& lists, std::string_view what) {
  for (std::size_t i = 1; i < lists.size(); ++i) {
    if (lists[i].size() != lists[0].size()) {
      bad_input("{}: {} has {} dimensions and {} has {}: one of {} for each dimension is needed",
                layer, dims::print(lists[0]), lists[0].size(), dims::print(lists[i]),
                lists[i].size(), what);
    }
  }
}

/// A tensor written in order, from places of the source with those strides.
Loop in_order(Dims result, Dims from_strides, std::int64_t from_start = 0) {
  const Dims to_strides = dims::strides(result);
  return {std::move(result), std::move(from_strides), to_strides, from_start, 0};
}

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

namespace expand {

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

}  // namespace expand

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

/// Blocks of r x r pixels that are channels of the source, of n x c x h x w, and back.
namespace blocks {

void check_rank(std::string_view layer, const Lists& lists) {
  if (lists[0].size() != 4 || lists[1].size() != 1) {
    bad_input("{} needs samples x channels x height x width and one block size, as in 1x64x8x8:2",
              layer);
  }
}

void check_channels(std::string_view layer, const Lists& lists) {
  check_rank(layer, lists);
  const std::int64_t r = lists[1][0];
  if (r > 46340 || lists[0][1] % (r * r) != 0) {
    bad_input("{}: {} channels are no multiple of blocks of {} x {}", layer, lists[0][1], r, r);
  }
}

void check_pixels(std::string_view layer, const Lists& lists) {
  check_rank(layer, lists);
  const std::int64_t r = lists[1][0];
  if (lists[0][2] % r != 0 || lists[0][3] % r != 0) {
    bad_input("{}: {} x {} pixels are no multiple of blocks of {} x {}", layer, lists[0][2],
              lists[0][3], r, r);
  }
}

Dims to_depth_result(const Lists& lists) {
  const Dims& a = lists[0];
  const std::int64_t r = lists[1][0];
  return {a[0], a[1] * r * r, a[2] / r, a[3] / r};
}

Dims to_space_result(const Lists& lists) {
  const Dims& a = lists[0];
  const std::int64_t r = lists[1][0];
  return {a[0], a[1] / (r * r), a[2] * r, a[3] * r};
}

/// Of the pixels (n, c, h * r + i, w * r + j): strides in the order n, c, h, i, w, j.
Dims pixel_strides(const Dims& pixels, std::int64_t r) {
  const Dims s = dims::strides(pixels);
  return {s[0], s[1], s[2] * r, s[2], s[3] * r, s[3]};
}

/// Of the channels: c * r^2 + i * r + j, or (i * r + j) * c + c; strides in the same order.
Dims channel_strides(const Dims& deep, std::int64_t r, bool channel_first) {
  const Dims s = dims::strides(deep);
  const std::int64_t channels = deep[1] / (r * r);
  const std::int64_t of_c = channel_first ? s[1] * r * r : s[1];
  const std::int64_t of_j = channel_first ? s[1] : s[1] * channels;
  return {s[0], of_c, s[2], of_j * r, s[3], of_j};
}

template <bool channel_first>
Loop to_space(const Lists& lists) {
  const Dims pixels = to_space_result(lists);
  const std::int64_t r = lists[1][0];
  return {{pixels[0], pixels[1], lists[0][2], r, lists[0][3], r},
          channel_strides(lists[0], r, channel_first),
          pixel_strides(pixels, r)};
}

template <bool channel_first>
Loop to_depth(const Lists& lists) {
  const Dims deep = to_depth_result(lists);
  const std::int64_t r = lists[1][0];
  return {{lists[0][0], lists[0][1], deep[2], r, deep[3], r},
          pixel_strides(lists[0], r),
          channel_strides(deep, r, channel_first)};
}

constexpr List size{"r", 0, 1, 1, 3, 1, "r7: pixels of a block in each direction; 0: none"};
constexpr List images{"a", 0, 1, 1, 8, 4, "samples a4, channels a5, height a6, width a7; 0: none"};
constexpr std::string_view form =
    "samples x channels x height x width : block size, as in 1x64x8x8:2";

}  // namespace blocks

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
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
      {"expand",
       "y = x with dimensions of 1 repeated",
       "dimensions of source and result, as in 1x64x1:8x64x49",
       {source, {"b", 0, 1, 1, 7, 3, "dimensions of the result; 0: none"}},
       expand::check,
       expand::loop,
       expand::result},
      {"tile",
       "y = x repeated as a whole, in each dimension",
       "dimensions and repetitions, as in 2x3:4x1",
       {source, {"t", 0, 1, 1, 3, 3, "repetitions; 0: none"}},
       tile::check,
       tile::loop,
       tile::result},
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
      {"depth_to_space",
       "y = channels (i * r + j) * c + k laid out as pixels (h * r + i, w * r + j)",
       blocks::form,
       {blocks::images, blocks::size},
       blocks::check_channels,
       blocks::to_space<false>,
       blocks::to_space_result},
      {"pixel_shuffle",
       "y = channels (k * r + i) * r + j laid out as pixels (h * r + i, w * r + j)",
       blocks::form,
       {blocks::images, blocks::size},
       blocks::check_channels,
       blocks::to_space<true>,
       blocks::to_space_result},
      {"space_to_depth",
       "y = pixels (h * r + i, w * r + j) laid out as channels (i * r + j) * c + k",
       blocks::form,
       {blocks::images, blocks::size},
       blocks::check_pixels,
       blocks::to_depth<false>,
       blocks::to_depth_result},
      {"pixel_unshuffle",
       "y = pixels (h * r + i, w * r + j) laid out as channels (k * r + i) * r + j",
       blocks::form,
       {blocks::images, blocks::size},
       blocks::check_pixels,
       blocks::to_depth<true>,
       blocks::to_depth_result},
  };
  return all;
}

}  // namespace flopmeter::moves
