// Layers of images that are no convolutions: resampling to another size.
#pragma once

#include "kernels/images/taps.h"
#include "kernels/layer.h"

namespace flopmeter::images {

/// x: mb x ic x id x ih x iw, y: mb x ic x od x oh x ow
struct ResampleShape {
  std::int64_t mb, ic, id, ih, iw, od, oh, ow, corners;
  bool operator==(const ResampleShape&) const = default;
};

inline constexpr auto resample_fields = std::to_array<Field<ResampleShape>>({
    {"mb", &ResampleShape::mb, 2, 1, 1, 3, "samples"},
    {"ic", &ResampleShape::ic, unset, 1, 1, 6, "channels"},
    {"id", &ResampleShape::id, unset, 1, 1, 3, "input depth"},
    {"ih", &ResampleShape::ih, unset, 1, 1, 8, "input height"},
    {"iw", &ResampleShape::iw, unset, 1, 1, 8, "input width"},
    {"od", &ResampleShape::od, unset, 1, 1, 3, "output depth"},
    {"oh", &ResampleShape::oh, unset, 1, 1, 12, "output height"},
    {"ow", &ResampleShape::ow, unset, 1, 1, 12, "output width"},
    {"corners", &ResampleShape::corners, 0, 0, 0, 1,
     "1: corners lie on corners (align_corners), 0: pixels are squares"},
});

ResampleShape completed(std::string_view layer, ResampleShape, bool corners_known);
ResampleShape shortest(const ResampleShape&);
std::vector<Operand> resample_operands(const ResampleShape&, Pass);

/// Depth, height, width.
std::array<Axis, 3> axes_of(const ResampleShape&, Kernel);

/// All of resampling but how an axis is interpolated. The weights depend on the sizes alone and are
/// not computed again for each image; a product of an axis' weights is one weight. No product is a
/// MAC: the weights are not learned, and products are stored before they are added.
template <class L>
struct Resample {
  using Shape = ResampleShape;
  static constexpr auto fields = resample_fields;
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "ic"});
  static Shape complete(const Shape& s) {
    return completed(L::name, s, L::kernel != Kernel::nearest);
  }
  static std::string print(const Shape& s) {
    return print_fields(field_infos<L>(), to_values<L>(shortest(s)), always_printed);
  }
  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return resample_operands(s, pass);
  }
  static Formula formula(const Shape& s, Pass pass) {
    const std::array<Axis, 3> axes = axes_of(s, L::kernel);
    const std::int64_t rows = checked_multiply(s.mb, s.ic);
    const std::int64_t outputs = checked_product(rows, s.od, s.oh, s.ow);
    const std::int64_t taps = axes[0].taps() * axes[1].taps() * axes[2].taps();
    const std::int64_t terms = checked_multiply(outputs, taps);
    const std::int64_t sums =
        pass == Pass::forward
            ? outputs
            : checked_product(rows, axes[0].touched(), axes[1].touched(), axes[2].touched());
    return unpadded(0, {.multiplies = taps == 1 ? 0 : terms, .adds = terms - sums});
  }
  static Tolerance tolerance(const Shape& s, Pass pass, Dtype dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    const auto [d, h, w] = axes_of(s, L::kernel);
    const std::array<AxisTaps, 3> axes{axis_taps(d), axis_taps(h), axis_taps(w)};
    const std::int64_t inputs = s.id * s.ih * s.iw;
    const std::int64_t outputs = s.od * s.oh * s.ow;
    const bool forward = pass == Pass::forward;
    std::vector<char> begun;
    for (std::int64_t row = 0; row < s.mb * s.ic; ++row) {
      begun.assign(static_cast<std::size_t>(forward ? outputs : inputs), 0);
      if (!forward) {
        std::fill_n(t["diff_src"] + row * inputs, inputs, T(0));
      }
      for_terms(axes, [&](std::int64_t out, std::int64_t in, double weight, bool weighted) {
        const T& from = forward ? t["src"][row * inputs + in] : t["diff_dst"][row * outputs + out];
        T& sum = forward ? t["dst"][row * outputs + out] : t["diff_src"][row * inputs + in];
        const T term = weighted ? T(from * T(weight)) : from;
        char& begins = begun[static_cast<std::size_t>(forward ? out : in)];
        sum = begins == 0 ? term : T(sum + term);
        begins = 1;
      });
    }
  }
};

struct Nearest : Resample<Nearest> {
  static constexpr std::string_view name = "resample_nearest";
  static constexpr std::string_view equation =
      "y[o] = x[floor((o + 1/2) * in / out)], axis by axis";
  static constexpr Kernel kernel = Kernel::nearest;
};

struct Linear : Resample<Linear> {
  static constexpr std::string_view name = "resample_linear";
  static constexpr std::string_view equation =
      "y[o] = x interpolated at (o + 1/2) * in / out - 1/2, between 2 pixels an axis that changes";
  static constexpr Kernel kernel = Kernel::linear;
};

/// Keys 1981 with a = -3/4, as PyTorch's and ONNX's default.
struct Cubic : Resample<Cubic> {
  static constexpr std::string_view name = "resample_cubic";
  static constexpr std::string_view equation =
      "y[o] = x interpolated at (o + 1/2) * in / out - 1/2, between 4 pixels an axis that changes";
  static constexpr Kernel kernel = Kernel::cubic;
};

Preparation prepare_nearest(const ResampleShape&, const Setup&, Tensors<float>&);
Preparation prepare_linear(const ResampleShape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::images
