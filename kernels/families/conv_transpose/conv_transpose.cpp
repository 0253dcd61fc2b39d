#include "kernels/families/conv_transpose/conv_transpose.h"

#include <algorithm>

namespace flopmeter::conv_transpose {
namespace {

using conv::Axis;

/// Outputs that are left with no padding after the last one.
std::int64_t outputs_before_cropping(const Axis& axis) {
  return Axis{0, axis.in, axis.kernel, axis.stride, axis.pad, axis.gap}.pad_after();
}

/// As benchdnn fills it: an output size from the padding, a padding from the output size, neither
/// means no padding.
Axis derive(const conv::Kind& kind, Axis axis, char letter) {
  axis.stride = axis.stride == unset ? 1 : axis.stride;
  axis.gap = axis.gap == unset ? 0 : axis.gap;
  if (axis.out == unset) {
    axis.pad = axis.pad == unset ? 0 : axis.pad;
    axis.out = outputs_before_cropping(axis) - axis.pad;
    if (axis.out < 1) {
      bad_input("{}: padding {} along {} crops all outputs", kind.name, axis.pad, letter);
    }
  } else if (axis.pad == unset) {
    axis.pad = 0;
    axis.pad = std::max<std::int64_t>(axis.mirrored().pad_after() / 2, 0);
  }
  return axis;
}

}  // namespace

Axis Transposed::complete_axis(const conv::Kind& kind, Axis axis, char letter) {
  if (axis.in == unset || axis.kernel == unset) {
    bad_input("{0} needs i{1} and k{1}, as in {2}", kind.name, letter, kind.example);
  }
  axis = derive(kind, axis, letter);
  // A stride of output padding or more is another input's, unless taps lie further apart: PyTorch
  // allows less than the larger of the two.
  const std::int64_t most = std::max(axis.stride, checked_add(axis.gap, 1));
  if (axis.mirrored().pad_after() <= -most) {
    bad_input(
        "{}: o{} is {}, but the input gives {} and less than {} more, a stride or the distance of "
        "taps",
        kind.name, letter, axis.out, outputs_before_cropping(axis), most);
  }
  // Indices are computed without checks in the loops.
  checked_add(checked_multiply(axis.in, axis.stride), checked_add(axis.span(), axis.pad));
  return axis;
}

OpCounts Transposed::counts(const Shape& s, Pass pass) {
  const Shape mirror = convolution(s);
  switch (pass) {
    case Pass::backward_data:
      return conv::gather_counts(mirror, false);
    case Pass::backward_weights:
      return conv::correlate_counts(mirror) + s.bias * conv::sum_outputs_counts(s);
    case Pass::forward:
      break;
  }
  return conv::scatter_counts(mirror, s.bias != 0);
}

std::int64_t Transposed::terms(const Shape& s, Pass pass) {
  const Shape mirror = convolution(s);
  switch (pass) {
    case Pass::backward_data:
      return conv::gather_terms(mirror);
    case Pass::backward_weights:
      return std::max(conv::correlate_terms(mirror), s.bias * conv::correlate_terms(s));
    case Pass::forward:
      break;
  }
  return conv::scatter_terms(mirror) + s.bias;
}

}  // namespace flopmeter::conv_transpose
