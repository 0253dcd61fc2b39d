// What a shape may leave out of a sliding axis.
#pragma once

#include <string_view>

#include "kernels/families/conv/axis.h"

namespace flopmeter::conv {

/// Whose axis it is, for messages.
struct AxisOwner {
  std::string_view layer;
  std::string_view slides;   // "kernel"
  std::string_view example;  // of a shape
};

/// Fills it in as benchdnn does: an output size from the padding, a padding from the output size,
/// neither means no padding. Throws BadInput for what does not fit together, or CountOverflow where
/// indices would.
Axis complete_axis(const AxisOwner&, Axis, char letter);

}  // namespace flopmeter::conv
