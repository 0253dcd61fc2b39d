#include "kernels/families/pooling/shape.h"

#include "kernels/families/conv/complete_axis.h"
#include "kernels/families/pooling/notation.h"

namespace flopmeter::pooling {
namespace {

constexpr Axis unsaid{unset, unset, unset, unset, unset, unset};
constexpr Axis absent{1, 1, 1, 1, 0, 0};

constexpr std::string_view example = "mb1ic64ih112kh3sh2ph1";

Axis complete_axis(std::string_view layer, const Axis& given, char letter) {
  const Axis axis = conv::complete_axis({layer, "window", example}, given, letter);
  if (axis.coverage().outputs != axis.out) {
    bad_input("{}: a window sees nothing but padding along {}", layer, letter);
  }
  return axis;
}

Shape with_axes(const Shape& s, const Space<Axis>& axes) {
  const auto& [d, h, w] = axes;
  return {s.mb,  s.ic,     d.in,     h.in,     w.in,     d.out,    h.out,
          w.out, d.kernel, h.kernel, w.kernel, d.stride, h.stride, w.stride,
          d.pad, h.pad,    w.pad,    d.gap,    h.gap,    w.gap,    s.countpad};
}

}  // namespace

Shape complete(std::string_view layer, const Shape& s) {
  if (s.ic == unset) {
    bad_input("{} needs ic, as in {}", layer, example);
  }
  Space<Axis> axes = spread(s.axes(), unsaid, absent);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    axes.at(i) = complete_axis(layer, axes.at(i), "dhw"[i]);
  }
  return with_axes(s, axes);
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

namespace {

/// Taps within the input and the same padding on both sides, of all outputs: what lies behind, as
/// rounding sizes up makes it, is part of no window in PyTorch.
std::int64_t taps_in_even_padding(Axis axis) {
  axis.in = checked_add(axis.in, checked_multiply(2, axis.pad));
  axis.pad = 0;
  return taps(axis);
}

}  // namespace

std::vector<Variable> variables(const Shape& s) {
  const Space<Axis> axes = s.axes();
  const std::int64_t taps =
      checked_product(s.planes(), taps_in_even_padding(axes[0]), taps_in_even_padding(axes[1]),
                      taps_in_even_padding(axes[2]));
  return {{"pd_r", axes[0].pad_after()},
          {"ph_r", axes[1].pad_after()},
          {"pw_r", axes[2].pad_after()},
          {"padded_taps", taps}};
}

Shape padded_out(const Shape& s) {
  const auto [d, h, w] = s.axes();
  return with_axes(s, {d.padded_out(), h.padded_out(), w.padded_out()});
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
