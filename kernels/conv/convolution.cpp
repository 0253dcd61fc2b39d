#include "kernels/conv/convolution.h"

namespace flopmeter::conv {
namespace {

/// As benchdnn fills it: an output size from the padding, a padding from the output size, neither
/// means no padding.
Axis derive(const Kind& kind, Axis axis, char letter) {
  axis.stride = axis.stride == unset ? 1 : axis.stride;
  axis.gap = axis.gap == unset ? 0 : axis.gap;
  if (axis.out == unset) {
    axis.pad = axis.pad == unset ? 0 : axis.pad;
    axis.out = axis.default_out();
    if (axis.out < 1) {
      bad_input("{}: the kernel spans {} along {} but the padded input only {}", kind.name,
                axis.span(), letter, axis.in + 2 * axis.pad);
    }
  } else if (axis.pad == unset) {
    axis.pad = 0;
    axis.pad = std::max<std::int64_t>(axis.pad_after() / 2, 0);
  }
  return axis;
}

}  // namespace

Axis Convolution::complete_axis(const Kind& kind, Axis axis, char letter) {
  if (axis.in == unset || axis.kernel == unset) {
    bad_input("{0} needs i{1} and k{1}, as in {2}", kind.name, letter, kind.example);
  }
  axis = derive(kind, axis, letter);
  // One stride of unused input is what rounding down leaves; more means a wrong output size.
  if (axis.pad_after() <= -axis.stride) {
    bad_input("{}: o{} is {}, but the padded input gives {}", kind.name, letter, axis.out,
              axis.default_out());
  }
  // Indices are computed without checks in the loops.
  checked_add(checked_multiply(axis.out, axis.stride), checked_add(axis.span(), axis.pad));
  return axis;
}

OpCounts Convolution::counts(const Shape& s, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return scatter_counts(s, false);
    case Pass::backward_weights:
      return correlate_counts(s) + s.bias * sum_outputs_counts(s);
    case Pass::forward:
      break;
  }
  return gather_counts(s, s.bias != 0);
}

std::int64_t Convolution::terms(const Shape& s, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return scatter_terms(s);
    case Pass::backward_weights:
      return correlate_terms(s);
    case Pass::forward:
      break;
  }
  return gather_terms(s) + s.bias;
}

}  // namespace flopmeter::conv
