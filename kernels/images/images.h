// Layers of images that are no convolutions: resampling to another size, and normalisation over
// neighbouring channels.
#pragma once

#include <cmath>

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

/// y[n,c] = x[n,c] / (k + alpha / size * sum over neighbouring channels of x^2)^beta, pixel by pixel
/// (Krizhevsky and others 2012). k = 1, alpha = 1, beta = 3/4.
struct Lrn {
  struct Shape {
    std::int64_t mb, ic, ih, iw, size;
    bool operator==(const Shape&) const = default;
    std::int64_t before() const { return (size - 1) / 2; }
    std::int64_t behind() const { return size - 1 - before(); }
  };
  static constexpr std::string_view name = "lrn";
  static constexpr std::string_view equation =
      "y[c] = x[c] / (k + a / size * sum of x^2 over size channels around c)^b, k = a = 1, b = 3/4";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 3, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 20, "channels"},
      {"ih", &Shape::ih, 1, 1, 1, 5, "height"},
      {"iw", &Shape::iw, unset, 1, 1, 5, "width"},
      {"ls", &Shape::size, 5, 1, 1, 7, "channels that are summed up over"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "ic"});
  static constexpr double alpha = 1;
  static constexpr double beta = 0.75;
  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& t) {
    using std::exp;
    using std::log;
    const std::int64_t pixels = s.ih * s.iw;
    std::vector<T> squares(static_cast<std::size_t>(s.ic));
    for (std::int64_t i = 0; i < s.mb * pixels; ++i) {
      const std::int64_t first = i / pixels * s.ic * pixels + i % pixels;
      const T* x = t["src"] + first;
      for (std::int64_t c = 0; c < s.ic; ++c) {
        squares[static_cast<std::size_t>(c)] = x[c * pixels] * x[c * pixels];
      }
      for (std::int64_t c = 0; c < s.ic; ++c) {
        const auto from = squares.begin() + std::max<std::int64_t>(0, c - s.before());
        const auto to = squares.begin() + std::min(s.ic, c + s.behind() + 1);
        T sum = *from;
        for (auto at = from + 1; at < to; ++at) {
          sum += *at;
        }
        const T scaled = T(alpha / static_cast<double>(s.size)) * sum;
        const T power = T(-beta) * log(T(T(1) + scaled));
        t["dst"][first + c * pixels] = x[c * pixels] * exp(power);
      }
    }
  }
};

Preparation prepare_nearest(const ResampleShape&, const Setup&, Tensors<float>&);
Preparation prepare_linear(const ResampleShape&, const Setup&, Tensors<float>&);
Preparation prepare_lrn(const Lrn::Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::images
