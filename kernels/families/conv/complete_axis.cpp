#include "kernels/families/conv/complete_axis.h"

#include <algorithm>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "kernels/field.h"

namespace flopmeter::conv {
namespace {

Axis derive(const AxisOwner& owner, Axis axis, char letter) {
  axis.stride = axis.stride == unset ? 1 : axis.stride;
  axis.gap = axis.gap == unset ? 0 : axis.gap;
  if (axis.out == unset) {
    axis.pad = axis.pad == unset ? 0 : axis.pad;
    axis.out = axis.default_out();
    if (axis.out < 1) {
      bad_input("{}: the {} spans {} along {} but the padded input only {}", owner.layer,
                owner.slides, axis.span(), letter, axis.in + 2 * axis.pad);
    }
  } else if (axis.pad == unset) {
    axis.pad = 0;
    axis.pad = std::max<std::int64_t>(axis.pad_after() / 2, 0);
  }
  return axis;
}

}  // namespace

Axis complete_axis(const AxisOwner& owner, Axis axis, char letter) {
  if (axis.in == unset || axis.kernel == unset) {
    bad_input("{0} needs i{1} and k{1}, as in {2}", owner.layer, letter, owner.example);
  }
  axis = derive(owner, axis, letter);
  // One stride of unused input is what rounding down leaves; more means a wrong output size.
  if (axis.pad_after() <= -axis.stride) {
    bad_input("{}: o{} is {}, but the padded input gives {}", owner.layer, letter, axis.out,
              axis.default_out());
  }
  // Indices are computed without checks in the loops.
  checked_add(checked_multiply(axis.out, axis.stride), checked_add(axis.span(), axis.pad));
  return axis;
}

}  // namespace flopmeter::conv
