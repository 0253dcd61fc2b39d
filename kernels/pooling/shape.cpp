#include "kernels/pooling/shape.h"

#include "kernels/pooling/notation.h"

namespace flopmeter::pooling {
namespace {

constexpr Axis unsaid{unset, unset, unset, unset, unset, unset};
constexpr Axis absent{1, 1, 1, 1, 0, 0};

/// What was left out on one axis, as benchdnn fills it: an output size from the padding, a padding
/// from the output size, neither means no padding.
Axis complete_axis(std::string_view layer, Axis axis, char letter) {
  if (axis.in == unset || axis.kernel == unset) {
    bad_input("{0} needs i{1} and k{1}, as in mb1ic64ih112kh3sh2ph1", layer, letter);
  }
  axis.stride = axis.stride == unset ? 1 : axis.stride;
  axis.gap = axis.gap == unset ? 0 : axis.gap;
  if (axis.out == unset) {
    axis.pad = axis.pad == unset ? 0 : axis.pad;
    axis.out = axis.default_out();
    if (axis.out < 1) {
      bad_input("{}: the window spans {} along {} but the padded input only {}", layer, axis.span(),
                letter, axis.in + 2 * axis.pad);
    }
  } else if (axis.pad == unset) {
    axis.pad = 0;
    axis.pad = std::max<std::int64_t>(axis.pad_after() / 2, 0);
  }
  return axis;
}

void check_axis(std::string_view layer, const Axis& axis, char letter) {
  // One stride of unused input is what rounding down leaves; more means a wrong output size.
  if (axis.pad_after() <= -axis.stride) {
    bad_input("{}: o{} is {}, but the padded input gives {}", layer, letter, axis.out,
              axis.default_out());
  }
  // Indices are computed without checks in the loops.
  checked_add(checked_multiply(axis.out, axis.stride), checked_add(axis.span(), axis.pad));
  if (!axis.covered()) {
    bad_input("{}: a window sees nothing but padding along {}", layer, letter);
  }
}

}  // namespace

Shape complete(std::string_view layer, Shape s) {
  if (s.ic == unset) {
    bad_input("{} needs ic, as in mb1ic64ih112kh3sh2ph1", layer);
  }
  Space<Axis> axes = spread(s.axes(), unsaid, absent);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    axes.at(i) = complete_axis(layer, axes.at(i), "dhw"[i]);
    check_axis(layer, axes.at(i), "dhw"[i]);
  }
  const auto& [d, h, w] = axes;
  return {s.mb,  s.ic,     d.in,     h.in,     w.in,     d.out,    h.out,
          w.out, d.kernel, h.kernel, w.kernel, d.stride, h.stride, w.stride,
          d.pad, h.pad,    w.pad,    d.gap,    h.gap,    w.gap,    s.countpad};
}

std::string print(const Shape& s) {
  const Space<Axis> axes = s.axes();
  const std::string_view letters = written_axes(axes, absent);
  return fmt::format("mb{}ic{}", s.mb, s.ic) + print_key("i", letters, lengths(axes, &Axis::in)) +
         print_key("o", letters, lengths(axes, &Axis::out)) +
         print_key("k", letters, lengths(axes, &Axis::kernel)) +
         print_key("s", letters, lengths(axes, &Axis::stride), 1) +
         print_key("p", letters, lengths(axes, &Axis::pad)) +
         print_key("d", letters, lengths(axes, &Axis::gap), 0);
}

std::vector<Variable> variables(const Shape& s) {
  const Space<Axis> axes = s.axes();
  return {
      {"pd_r", axes[0].pad_after()}, {"ph_r", axes[1].pad_after()}, {"pw_r", axes[2].pad_after()}};
}

Shape padded_out(const Shape& s) {
  const auto padded = [](const Axis& axis) {
    return axis.in + axis.pad + std::max<std::int64_t>(axis.pad_after(), 0);
  };
  const Space<Axis> axes = s.axes();
  Shape result = s;
  result.id = padded(axes[0]);
  result.ih = padded(axes[1]);
  result.iw = padded(axes[2]);
  result.pd = 0;
  result.ph = 0;
  result.pw = 0;
  return result;
}

std::vector<std::int64_t> src_dims(const Shape& s) { return {s.mb, s.ic, s.id, s.ih, s.iw}; }
std::vector<std::int64_t> dst_dims(const Shape& s) { return {s.mb, s.ic, s.od, s.oh, s.ow}; }

std::int64_t overlap(const Shape& s) {
  std::int64_t windows = 1;
  for (const Axis& axis : s.axes()) {
    windows *= std::min(axis.out, (axis.span() - 1) / axis.stride + 1);
  }
  return windows;
}

}  // namespace flopmeter::pooling
