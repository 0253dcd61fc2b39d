#include "kernels/families/conv/shape.h"

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "kernels/tolerance.h"

namespace flopmeter::conv {
namespace {

constexpr Axis left_out{unset, unset, unset, unset, unset, unset};

/// One dimension on the axes from `first` to `last`: h for {i, unset} is "ih7".
class Writer {
 public:
  Writer(const std::array<Axis, 3>& axes, std::size_t first, std::size_t last)
      : axes_(axes), first_(first), last_(last) {}

  /// Nothing where all axes have the usual value.
  std::string operator()(char key, std::int64_t Axis::*member, std::int64_t usual) const {
    std::string text;
    bool all_usual = true;
    for (std::size_t i = first_; i <= last_; ++i) {
      text += fmt::format("{}{}{}", key, axis_letters[i], axes_[i].*member);
      all_usual = all_usual && axes_[i].*member == usual;
    }
    return all_usual ? "" : text;
  }

 private:
  const std::array<Axis, 3>& axes_;
  std::size_t first_;
  std::size_t last_;
};

}  // namespace

Shape Shape::with_axes(const std::array<Axis, 3>& axes) const {
  const auto& [d, v, h] = axes;
  return {g,        mb,       ic,       v.in,     h.in,     oc,    v.out, h.out,
          v.kernel, h.kernel, v.stride, h.stride, v.pad,    h.pad, v.gap, h.gap,
          bias,     d.in,     d.out,    d.kernel, d.stride, d.pad, d.gap};
}

Shape padded_out(const Shape& s) {
  return s.with_axes(
      {s.depth().padded_out(), s.vertical().padded_out(), s.horizontal().padded_out()});
}

Shape mirrored(const Shape& s) {
  Shape mirror =
      s.with_axes({s.depth().mirrored(), s.vertical().mirrored(), s.horizontal().mirrored()});
  mirror.ic = s.oc;
  mirror.oc = s.ic;
  return mirror;
}

Shape complete(const Kind& kind, const Shape& s, CompleteAxis complete_axis) {
  if (s.ic == unset || s.oc == unset) {
    bad_input("{} needs ic and oc, as in {}", kind.name, kind.example);
  }
  check_flag(kind.name, "bias", s.bias);
  if (s.ic % s.g != 0 || s.oc % s.g != 0) {
    bad_input("{}: g {} must divide ic {} and oc {}", kind.name, s.g, s.ic, s.oc);
  }
  std::array<Axis, 3> axes = s.axes();
  for (std::size_t i = kind.first_axis(); i < axes.size(); ++i) {
    // benchdnn: nothing said about the height means a cube, nothing about the width a square.
    const bool same = i > kind.first_axis() && axes[i] == left_out;
    axes[i] = same ? axes[i - 1] : complete_axis(kind, axes[i], axis_letters[i]);
  }
  return s.with_axes(axes);
}

std::string print(const Kind& kind, const Shape& s) {
  const std::array<Axis, 3> axes = s.axes();
  std::size_t last = 2;
  while (last > kind.first_axis() && axes[last] == axes[last - 1]) {
    --last;
  }
  const Writer write(axes, kind.first_axis(), last);
  std::string text = s.g != 1 ? fmt::format("g{}", s.g) : "";
  text += fmt::format("mb{}ic{}", s.mb, s.ic) + write('i', &Axis::in, unset);
  text += fmt::format("oc{}", s.oc) + write('o', &Axis::out, unset);
  text += write('k', &Axis::kernel, unset) + write('s', &Axis::stride, 1);
  text += write('p', &Axis::pad, unset) + write('d', &Axis::gap, 0);
  return text + (s.bias == 0 ? "bias0" : "");
}

}  // namespace flopmeter::conv
