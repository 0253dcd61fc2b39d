#include "kernels/deform_conv2d/deform_conv2d.h"

#include "kernels/families/table/absent.h"
#include "kernels/tolerance.h"

namespace flopmeter::deform_conv2d {

Shape Layer::complete(Shape s) {
  if (s.ic == unset || s.ih == unset || s.oc == unset || s.kh == unset) {
    bad_input("deform_conv2d needs ic, ih, oc and kh, as in mb1ic64ih28oc64kh3ph1");
  }
  const auto as = [](std::int64_t& value, std::int64_t other) {
    value = value == unset ? other : value;
  };
  as(s.iw, s.ih);
  as(s.kw, s.kh);
  as(s.sw, s.sh);
  as(s.pw, s.ph);
  as(s.dw, s.dh);
  check_flag(name, "mask", s.mask);
  check_flag(name, "bias", s.bias);
  if (s.ic % s.g != 0 || s.oc % s.g != 0 || s.ic % s.dg != 0) {
    bad_input("deform_conv2d: g = {} must divide ic and oc, and dg = {} must divide ic", s.g, s.dg);
  }
  const std::int64_t rows = s.ih + 2 * s.ph - (s.dh + 1) * (s.kh - 1);
  const std::int64_t columns = s.iw + 2 * s.pw - (s.dw + 1) * (s.kw - 1);
  if (rows < 1 || columns < 1) {
    bad_input("deform_conv2d: the kernel is larger than the padded input");
  }
  return s;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass) {
  const std::int64_t taps = checked_multiply(s.dg, s.taps());
  const Domain moved{Domain::Kind::any, 0, 2};
  std::vector<Operand> all{{"src", {s.mb, s.ic, s.ih, s.iw}, Role::input},
                           {"offsets", {s.mb, 2 * taps, s.oh(), s.ow()}, Role::input, moved},
                           {"weights", {s.oc, s.ic / s.g, s.kh, s.kw}, Role::parameter},
                           {"dst", {s.mb, s.oc, s.oh(), s.ow()}, Role::output}};
  if (s.bias != 0) {
    all.insert(all.begin() + 3, {"bias", {s.oc}, Role::parameter});
  }
  if (s.mask != 0) {
    all.insert(all.begin() + 2, {"mask", {s.mb, taps, s.oh(), s.ow()}, Role::input});
  }
  return all;
}

/// A place: two offsets added, two floors, two fractions and their complements, four weights. A sample
/// of it: four products, of which none is a MAC, and the mask.
Formula Layer::formula(const Shape& s, Pass) {
  const std::int64_t outputs = checked_product(s.mb, s.oh(), s.ow());
  const std::int64_t places = checked_product(outputs, s.dg, s.taps());
  const std::int64_t samples = checked_product(outputs, s.ic, s.taps());
  const std::int64_t terms = checked_multiply(s.ic / s.g, s.taps());
  const OpCounts counts = places * OpCounts{.multiplies = 4, .adds = 6, .roundings = 2} +
                          samples * OpCounts{.multiplies = 4 + s.mask, .adds = 3} +
                          sums_of_products(checked_multiply(outputs, s.oc), terms, s.bias != 0);
  return unpadded(checked_multiply(s.oc, checked_add(terms, s.bias)), counts);
}

/// A sum of samples, each some roundings off; offsets move a place by a rounding of the largest size.
Tolerance Layer::tolerance(const Shape& s, Pass, Dtype dtype) {
  const std::int64_t terms = checked_multiply(s.ic / s.g, s.taps()) + s.bias;
  return sum_tolerance(checked_multiply(terms, 8 + 2 * std::max(s.ih, s.iw)), dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          absent<Shape, "Eigen has no convolution that is moved">("eigen"),
          absent<Shape, "oneDNN has no deformable convolution">("onednn")};
}

}  // namespace flopmeter::deform_conv2d
