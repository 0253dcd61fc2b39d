// Moves of blocks of pixels to channels and back, of images of samples x channels x height x width.
#include "kernels/moves/rows.h"

namespace flopmeter::moves {
namespace {

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

std::vector<Row> block_rows() {
  return {
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
}

}  // namespace flopmeter::moves
