// What convolutions and transposed convolutions of one to three spatial axes have in common: their
// named integers, and the text they are written as.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/backend.h"
#include "kernels/families/conv/axis.h"
#include "kernels/field.h"

namespace flopmeter::conv {

/// A convolution, written as benchdnn's: g1mb1ic3ih224oc64oh112kh7sh2ph3. ic and oc are over all
/// groups, dd, dh and dw are 0 for a dense kernel. What the output size asks for beyond pd, ph and
/// pw is padding behind, below and to the right, so that asymmetric padding is written by giving
/// od, oh and ow. Axes that a layer does not have are one point long; depth is last, so that a 2-D
/// shape is a list of its own fields.
struct Shape {
  std::int64_t g, mb, ic, ih = 1, iw, oc, oh = 1, ow, kh = 1, kw, sh = 1, sw, ph = 0, pw;
  std::int64_t dh = 0, dw, bias;
  std::int64_t id = 1, od = 1, kd = 1, sd = 1, pd = 0, dd = 0;

  Axis depth() const { return {id, od, kd, sd, pd, dd}; }
  Axis vertical() const { return {ih, oh, kh, sh, ph, dh}; }
  Axis horizontal() const { return {iw, ow, kw, sw, pw, dw}; }
  std::array<Axis, 3> axes() const { return {depth(), vertical(), horizontal()}; }
  Shape with_axes(const std::array<Axis, 3>&) const;

  /// Elements of one channel and of one kernel, for tensors that exist: unchecked.
  std::int64_t in_pixels() const { return id * ih * iw; }
  std::int64_t out_pixels() const { return od * oh * ow; }
  std::int64_t taps() const { return kd * kh * kw; }

  /// Where the row y of plane z begins in them.
  std::int64_t input_row(std::int64_t z, std::int64_t y) const { return (z * ih + y) * iw; }
  std::int64_t output_row(std::int64_t z, std::int64_t y) const { return (z * oh + y) * ow; }
  std::int64_t kernel_row(std::int64_t z, std::int64_t y) const { return (z * kh + y) * kw; }

  bool depthwise() const { return g == ic && g == oc; }
  bool operator==(const Shape&) const = default;
};

/// Padding laid out as real input.
Shape padded_out(const Shape&);

/// Input and output swapped. A transposed convolution and the convolution whose gradient it
/// computes are each other's mirror images, and have the same weights.
Shape mirrored(const Shape&);

/// What tells the layers apart. `rank` is the number of spatial axes.
struct Kind {
  std::string_view name;
  int rank;
  std::string_view example;  // of a shape, for messages
  std::string_view equation;
  decltype(Backend<Shape>::prepare) prepare_onednn;

  /// Index of the first spatial axis in Shape::axes().
  std::size_t first_axis() const { return static_cast<std::size_t>(3 - rank); }
};

inline constexpr std::string_view axis_letters = "dhw";

/// Fills in what was left out on one axis, and refuses what does not fit together.
using CompleteAxis = Axis (*)(const Kind&, Axis, char letter);

/// Throws BadInput, or CountOverflow where indices would.
Shape complete(const Kind&, const Shape&, CompleteAxis);

std::string print(const Kind&, const Shape&);

}  // namespace flopmeter::conv
