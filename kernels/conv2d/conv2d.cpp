#include "kernels/conv2d/conv2d.h"

#include "kernels/tolerance.h"

namespace flopmeter::conv2d {
namespace {

/// What was left out on one axis, as benchdnn fills it: an output size from the padding, a padding
/// from the output size, neither means no padding.
Axis complete_axis(Axis axis, std::string_view side) {
  if (axis.in == unset || axis.kernel == unset) {
    bad_input("conv2d needs i{0} and k{0}, as in mb1ic3ih224oc64kh7sh2ph3", side);
  }
  axis.stride = axis.stride == unset ? 1 : axis.stride;
  axis.gap = axis.gap == unset ? 0 : axis.gap;
  if (axis.out == unset) {
    axis.pad = axis.pad == unset ? 0 : axis.pad;
    axis.out = axis.default_out();
    if (axis.out < 1) {
      bad_input("conv2d: the kernel spans {} along {} but the padded input only {}", axis.span(),
                side, axis.in + 2 * axis.pad);
    }
  } else if (axis.pad == unset) {
    axis.pad = 0;
    axis.pad = std::max<std::int64_t>(axis.pad_after() / 2, 0);
  }
  return axis;
}

void check_axis(const Axis& axis, std::string_view side) {
  // One stride of unused input is what rounding down leaves; more means a wrong output size.
  if (axis.pad_after() <= -axis.stride) {
    bad_input("conv2d: o{} is {}, but the padded input gives {}", side, axis.out,
              axis.default_out());
  }
  // Indices are computed without checks in the loops.
  checked_add(checked_multiply(axis.out, axis.stride), checked_add(axis.span(), axis.pad));
}

}  // namespace

Shape Layer::complete(Shape s) {
  check_lowest(field_infos<Layer>(), name, to_values<Layer>(s));
  if (s.ic == unset || s.oc == unset) {
    bad_input("conv2d needs ic and oc, as in mb1ic3ih224oc64kh7sh2ph3");
  }
  check_flag(name, "bias", s.bias);
  if (s.ic % s.g != 0 || s.oc % s.g != 0) {
    bad_input("conv2d: g {} must divide ic {} and oc {}", s.g, s.ic, s.oc);
  }
  const Axis v = complete_axis(s.vertical(), "h");
  // benchdnn: nothing said about the width means a square.
  const bool square = s.horizontal() == Axis{unset, unset, unset, unset, unset, unset};
  const Axis h = square ? v : complete_axis(s.horizontal(), "w");
  check_axis(v, "h");
  check_axis(h, "w");
  return {s.g,      s.mb,     s.ic,     v.in,  h.in,  s.oc,  v.out, h.out, v.kernel,
          h.kernel, v.stride, h.stride, v.pad, h.pad, v.gap, h.gap, s.bias};
}

std::string Layer::print(const Shape& s) {
  std::string text = s.g != 1 ? fmt::format("g{}", s.g) : "";
  text += fmt::format("mb{}ic{}", s.mb, s.ic);
  const bool square = s.vertical() == s.horizontal();
  const auto pair = [&](std::string_view key, std::int64_t h, std::int64_t w, std::int64_t usual) {
    if (h == usual && w == usual) {
      return;
    }
    text += fmt::format("{}h{}", key, h);
    text += square ? "" : fmt::format("{}w{}", key, w);
  };
  pair("i", s.ih, s.iw, unset);
  text += fmt::format("oc{}", s.oc);
  pair("o", s.oh, s.ow, unset);
  pair("k", s.kh, s.kw, unset);
  pair("s", s.sh, s.sw, 1);
  pair("p", s.ph, s.pw, unset);
  pair("d", s.dh, s.dw, 0);
  return text + (s.bias == 0 ? "bias0" : "");
}

std::vector<Variable> Layer::variables(const Shape& s) {
  return {{"ph_r", s.vertical().pad_after()}, {"pw_r", s.horizontal().pad_after()}};
}

Shape Layer::padded_out(const Shape& s) {
  Shape padded = s;
  padded.ih = s.ih + s.ph + std::max<std::int64_t>(s.vertical().pad_after(), 0);
  padded.iw = s.iw + s.pw + std::max<std::int64_t>(s.horizontal().pad_after(), 0);
  padded.ph = 0;
  padded.pw = 0;
  return padded;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass) {
  std::vector<Operand> operands{{"src", {s.mb, s.ic, s.ih, s.iw}, Role::input},
                                {"weights", {s.oc, s.ic / s.g, s.kh, s.kw}, Role::parameter}};
  if (s.bias != 0) {
    operands.push_back({"bias", {s.oc}, Role::parameter});
  }
  operands.push_back({"dst", {s.mb, s.oc, s.oh, s.ow}, Role::output});
  return operands;
}

Formula Layer::formula(const Shape& s, Pass) {
  const std::int64_t channels = s.ic / s.g;
  const std::int64_t weights = checked_product(s.oc, channels, s.kh, s.kw);
  const std::int64_t planes = checked_multiply(s.mb, s.oc);
  const Axis::Coverage v = s.vertical().coverage();
  const Axis::Coverage h = s.horizontal().coverage();

  Formula formula;
  formula.parameters = checked_add(weights, s.bias * s.oc);
  formula.dense = sums_of_products(checked_product(planes, s.oh, s.ow),
                                   checked_product(channels, s.kh, s.kw), s.bias != 0);
  // Taps of the two axes are independent, so their counts multiply. Without a bias each output that
  // has any tap saves one add.
  formula.in_bounds.macs = checked_product(planes, channels, v.taps, h.taps);
  formula.in_bounds.multiplies = formula.in_bounds.macs;
  formula.in_bounds.adds =
      formula.in_bounds.macs - (s.bias != 0 ? 0 : checked_product(planes, v.outputs, h.outputs));
  return formula;
}

Tolerance Layer::tolerance(const Shape& s, Dtype dtype) {
  return sum_tolerance(s.ic / s.g * s.kh * s.kw + s.bias, dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::conv2d
