// y = pointwise(depthwise(x)): a convolution of each channel, and a 1x1 convolution across channels
// x: mb x ic x ih x iw, y: mb x oc x oh x ow
#pragma once

#include "kernels/composition.h"

namespace flopmeter::depthwise_separable {

/// mb1ic32ih112oc64kh3ph1 (MobileNet): axes as conv2d's, which they belong to.
struct Shape {
  std::int64_t mb, ic, ih, iw, oc, oh, ow, kh, kw, sh, sw, ph, pw, bias;
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "depthwise_separable";
  static constexpr std::string_view equation = "y = pointwise(depthwise(x))";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 3, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 12, "input channels"},
      {"ih", &Shape::ih, unset, 1, 1, 12, "input height"},
      {"iw", &Shape::iw, unset, 1, 1, 12, "input width"},
      {"oc", &Shape::oc, unset, 1, 1, 12, "output channels"},
      {"oh", &Shape::oh, unset, 1, 1, 12, "output height"},
      {"ow", &Shape::ow, unset, 1, 1, 12, "output width"},
      {"kh", &Shape::kh, unset, 1, 1, 5, "kernel height of the depthwise convolution"},
      {"kw", &Shape::kw, unset, 1, 1, 5, "kernel width"},
      {"sh", &Shape::sh, unset, 1, 1, 2, "vertical stride"},
      {"sw", &Shape::sw, unset, 1, 1, 2, "horizontal stride"},
      {"ph", &Shape::ph, unset, 0, 0, 2, "padding above"},
      {"pw", &Shape::pw, unset, 0, 0, 2, "padding to the left"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1: both convolutions have a bias"},
  });

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static Shape padded_out(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Composition composition(const Shape&);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
};

}  // namespace flopmeter::depthwise_separable
