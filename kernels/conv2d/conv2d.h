// y[n,o,y,x] = b[o] + sum_{c,i,j} x[n, c, y*sh - ph + i*(dh+1), x*sw - pw + j*(dw+1)] * w[o,c,i,j]
#pragma once

#include <algorithm>

#include "kernels/conv2d/axis.h"
#include "kernels/layer.h"

namespace flopmeter::conv2d {

/// A convolution, written as benchdnn's: g1mb1ic3ih224oc64oh112kh7sh2ph3. ic and oc are over all
/// groups, dh and dw are 0 for a dense kernel. What the output size asks for beyond ph and pw is
/// padding below and to the right, so that asymmetric padding is written by giving oh and ow.
struct Shape {
  std::int64_t g, mb, ic, ih, iw, oc, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw, bias;

  Axis vertical() const { return {ih, oh, kh, sh, ph, dh}; }
  Axis horizontal() const { return {iw, ow, kw, sw, pw, dw}; }
  bool depthwise() const { return g == ic && g == oc; }
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = conv2d::Shape;
  static constexpr std::string_view name = "conv2d";
  static constexpr std::string_view equation =
      "y[n,o,y,x] = b[o] + sum_{c,i,j} x[n,c,y*sh-ph+i*(dh+1),x*sw-pw+j*(dw+1)] * w[o,c,i,j]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"g", &Shape::g, 1, 1, 1, 6, "groups"},
      {"mb", &Shape::mb, 2, 1, 1, 3, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 12, "input channels, of all groups"},
      {"ih", &Shape::ih, unset, 1, 1, 14, "input height"},
      {"iw", &Shape::iw, unset, 1, 1, 14, "input width"},
      {"oc", &Shape::oc, unset, 1, 1, 12, "output channels, of all groups"},
      {"oh", &Shape::oh, unset, 1, 1, 14, "output height"},
      {"ow", &Shape::ow, unset, 1, 1, 14, "output width"},
      {"kh", &Shape::kh, unset, 1, 1, 5, "kernel height"},
      {"kw", &Shape::kw, unset, 1, 1, 5, "kernel width"},
      {"sh", &Shape::sh, unset, 1, 1, 3, "vertical stride"},
      {"sw", &Shape::sw, unset, 1, 1, 3, "horizontal stride"},
      {"ph", &Shape::ph, unset, 0, 0, 3, "padding above"},
      {"pw", &Shape::pw, unset, 0, 0, 3, "padding to the left"},
      {"dh", &Shape::dh, unset, 0, 0, 2, "vertical gaps between taps, 0 for a dense kernel"},
      {"dw", &Shape::dw, unset, 0, 0, 2, "horizontal gaps between taps, 0 for a dense kernel"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1 with bias, 0 without"},
  });

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& tensors) {
    const std::int64_t channels = s.ic / s.g;
    const std::int64_t outputs_per_group = s.oc / s.g;
    T* y = tensors["dst"];
    for (std::int64_t n = 0; n < s.mb; ++n) {
      for (std::int64_t o = 0; o < s.oc; ++o) {
        const std::int64_t first = o / outputs_per_group * channels;
        const T* x = tensors["src"] + (n * s.ic + first) * s.ih * s.iw;
        const T* w = tensors["weights"] + o * channels * s.kh * s.kw;
        const T* bias = tensors["bias"] != nullptr ? tensors["bias"] + o : nullptr;
        for (std::int64_t oy = 0; oy < s.oh; ++oy, y += s.ow) {
          output_row(s, x, w, bias, oy, y);
        }
      }
    }
  }

 private:
  // Taps outside, outputs inside, so that the inner loops run along contiguous rows. Each takes
  // only the outputs whose tap touches real input.
  template <class T>
  static void output_row(const Shape& s, const T* x, const T* w, const T* bias, std::int64_t oy,
                         T* y) {
    std::fill_n(y, s.ow, bias != nullptr ? *bias : T(0));
    bool started = bias != nullptr;
    const TapRange rows = s.vertical().taps(oy);
    for (std::int64_t c = 0; c < s.ic / s.g; ++c) {
      for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        const T* x_row = x + (c * s.ih + s.vertical().input(oy, i)) * s.iw;
        add_row(s, x_row, w + (c * s.kh + i) * s.kw, started, y);
        started = true;
      }
    }
  }

  /// One kernel row. Where no sum has been started, the first tap of each output starts it: tap j
  /// is the first of those outputs that the taps before it, which reach further right, do not
  /// touch.
  template <class T>
  static void add_row(const Shape& s, const T* x, const T* w, bool started, T* y) {
    const Axis axis = s.horizontal();
    std::int64_t started_from = started ? 0 : s.ow;
    for (std::int64_t j = 0; j < s.kw; ++j) {
      const OutputRange outputs = axis.outputs(j);
      const std::int64_t split = std::clamp(started_from, outputs.begin, outputs.end);
      const T tap = w[j];
      for (std::int64_t ox = outputs.begin; ox < split; ++ox) {
        y[ox] = start_sum(x[axis.input(ox, j)] * tap);
      }
      for (std::int64_t ox = split; ox < outputs.end; ++ox) {
        y[ox] += x[axis.input(ox, j)] * tap;
      }
      started_from = std::min(started_from, outputs.begin);
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::conv2d
