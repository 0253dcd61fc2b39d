// Windows that slide over spatial dimensions, shared by convolutions and pooling.
#pragma once

#include <cstdint>
#include <vector>

#include "models/onnx/node.h"

namespace flopmeter::onnx {

/// One entry a spatial dimension. The end padding may be less than 0 where a window is cut.
struct Window {
  std::vector<std::int64_t> kernel, strides, dilations, begin, end;

  std::size_t rank() const { return kernel.size(); }
  std::int64_t extent(std::size_t i) const { return (kernel[i] - 1) * dilations[i] + 1; }
};

/// The attributes kernel_shape (or `kernel`, of the weights), strides, dilations, pads and auto_pad over
/// spatial dimensions `in`. Throws BadInput for lists of other lengths, or Undetermined where
/// automatic padding meets an unknown dimension.
Window read_window(const NodeView& n, const Dims& in, std::vector<std::int64_t> kernel);

/// Positions of the window along each dimension, `ceil` rounded up.
Dims positions(const Window& window, const Dims& in, bool ceil);

/// Whether an operator of ONNX Runtime has the channels behind the spatial dimensions, and dimensions brought
/// from one order into the other.
bool has_channels_last(const NodeView& n);
Dims channels_second(Dims dims);
Dims channels_behind(Dims dims);

using Fields = std::vector<std::pair<std::string_view, std::int64_t>>;

/// "ih" of the second of three dimensions; of fewer dimensions the last ones are named. Throws
/// Undetermined beyond three.
std::string_view spatial_key(char kind, std::size_t index, std::size_t rank);
/// Appends a field for each spatial dimension, of 1 to 3.
void append_spatial(Fields& fields, char kind, const std::vector<std::int64_t>& values);
/// Gaps between taps are dilations less one.
std::vector<std::int64_t> gaps(const Window& window);

}  // namespace flopmeter::onnx
