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

namespace {

std::string_view gradient_of(std::string_view operand) {
  static constexpr auto names =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"src", "diff_src"},
                                                                    {"offsets", "diff_offsets"},
                                                                    {"mask", "diff_mask"},
                                                                    {"weights", "diff_weights"},
                                                                    {"bias", "diff_bias"}});
  return std::ranges::find(names, operand, [](const auto& pair) { return pair.first; })->second;
}

}  // namespace

/// Gradients of weights and bias need no weights, those of the rest no bias. Offsets lie between pixels: at a pixel
/// itself their gradient has two sides.
std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::int64_t taps = checked_multiply(s.dg, s.taps());
  const Operand dst{"dst", {s.mb, s.oc, s.oh(), s.ow()}, Role::output};
  std::vector<Operand> sampled{{"src", {s.mb, s.ic, s.ih, s.iw}, Role::input},
                               {"offsets", {s.mb, 2 * taps, s.oh(), s.ow()}, Role::input}};
  if (s.mask != 0) {
    sampled.push_back({"mask", {s.mb, taps, s.oh(), s.ow()}, Role::input});
  }
  std::vector<Operand> learned{{"weights", {s.oc, s.ic / s.g, s.kh, s.kw}, Role::parameter}};
  if (s.bias != 0) {
    learned.push_back({"bias", {s.oc}, Role::parameter});
  }
  std::vector<Operand> all = sampled;
  if (pass == Pass::forward) {
    all.insert(all.end(), learned.begin(), learned.end());
    all.push_back(dst);
    return all;
  }
  if (pass == Pass::backward_data) {
    all.push_back(learned.front());
  }
  all.push_back({"diff_dst", dst.dims, Role::input});
  const bool data = pass == Pass::backward_data;
  for (const Operand& operand : data ? sampled : learned) {
    all.push_back({gradient_of(operand.name), operand.dims, Role::output});
  }
  return all;
}

namespace {

struct Sizes {
  std::int64_t outputs, places, samples, terms;  // outputs: pixels of all samples

  explicit Sizes(const Shape& s)
      : outputs(checked_product(s.mb, s.oh(), s.ow())),
        places(checked_product(outputs, s.dg, s.taps())),
        samples(checked_product(outputs, s.ic, s.taps())),
        terms(checked_multiply(s.ic / s.g, s.taps())) {}
};

/// A place: two offsets added, two floors, two fractions and their complements, four weights.
OpCounts placing(const Sizes& n) {
  return n.places * OpCounts{.multiplies = 4, .adds = 6, .roundings = 2};
}

/// Four products, of which none is a MAC, and the mask.
OpCounts sampling(const Sizes& n, std::int64_t mask) {
  return placing(n) + n.samples * OpCounts{.multiplies = 4 + mask, .adds = 3};
}

/// Of each sample a sum over output channels, spread over four pixels; how steep the image is either way, from four
/// differences; sums over a group's channels: two of offsets, and with the sample made anew that of the mask.
OpCounts data_gradients(const Shape& s, const Sizes& n) {
  const OpCounts sum = sums_of_products(n.places, s.ic / s.dg, false);
  const OpCounts masked =
      s.mask != 0 ? n.samples * OpCounts{.multiplies = 4 + 1, .adds = 3} + sum : OpCounts{};
  return placing(n) + sums_of_products(n.samples, s.oc / s.g, false) +
         n.samples * OpCounts{.multiplies = 4, .adds = 4} +
         n.samples * OpCounts{.multiplies = 4, .adds = 6} + 2 * sum + masked;
}

OpCounts weight_gradients(const Shape& s, const Sizes& n) {
  const std::int64_t biases = s.bias != 0 ? checked_multiply(s.oc, n.outputs - 1) : 0;
  return sampling(n, s.mask) + sums_of_products(checked_multiply(s.oc, n.terms), n.outputs, false) +
         OpCounts{.adds = biases};
}

}  // namespace

Formula Layer::formula(const Shape& s, Pass pass) {
  const Sizes n(s);
  const std::int64_t parameters = checked_multiply(s.oc, checked_add(n.terms, s.bias));
  switch (pass) {
    case Pass::forward:
      break;
    case Pass::backward_data:
      return unpadded(parameters, data_gradients(s, n));
    case Pass::backward_weights:
      return unpadded(parameters, weight_gradients(s, n));
  }
  return unpadded(parameters,
                  sampling(n, s.mask) +
                      sums_of_products(checked_multiply(n.outputs, s.oc), n.terms, s.bias != 0));
}

/// Sums of samples, each a sum of four products; offsets move a place by a rounding of the largest size. A pixel's
/// gradient is of all places that may meet it, that of a weight of all outputs.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t sample = 4 + std::max(s.ih, s.iw);
  switch (pass) {
    case Pass::forward:
      break;
    case Pass::backward_data:
      return nested_sums_tolerance({sample, s.oc / s.g, std::max(s.taps(), s.ic / s.dg)}, dtype);
    case Pass::backward_weights:
      return nested_sums_tolerance({sample, checked_product(s.mb, s.oh(), s.ow())}, dtype);
  }
  return nested_sums_tolerance({sample, checked_multiply(s.ic / s.g, s.taps()) + s.bias}, dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          absent<Shape, "Eigen has no convolution that is moved">("eigen"),
          absent<Shape, "oneDNN has no deformable convolution">("onednn")};
}

}  // namespace flopmeter::deform_conv2d
