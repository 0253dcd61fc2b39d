// The shape of a pooling layer whose windows slide: max_pool and avg_pool.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/families/pooling/axis.h"
#include "kernels/layer.h"

namespace flopmeter::pooling {

/// Written as benchdnn's: mb1ic64ih112oh56kh3sh2ph1. What the output size asks for beyond the
/// padding before is padding behind. dd, dh, dw: 0 for a dense window. countpad: whether padding
/// counts in the divisor of averages. A layer's field table may leave out either.
struct Shape {
  std::int64_t mb, ic, id, ih, iw, od, oh, ow, kd, kh, kw, sd, sh, sw, pd, ph, pw, dd, dh, dw,
      countpad;

  Space<Axis> axes() const {
    return {{{id, od, kd, sd, pd, dd}, {ih, oh, kh, sh, ph, dh}, {iw, ow, kw, sw, pw, dw}}};
  }
  /// Channels of all samples, each pooled alone. Throws CountOverflow.
  std::int64_t planes() const { return checked_multiply(mb, ic); }
  std::int64_t outputs() const { return checked_multiply(planes(), checked_product(od, oh, ow)); }
  /// Taps of a window, those in the padding too.
  std::int64_t window() const { return checked_product(kd, kh, kw); }
  bool operator==(const Shape&) const = default;
};

inline constexpr auto common_fields = std::to_array<Field<Shape>>({
    {"mb", &Shape::mb, 2, 1, 1, 3, "samples"},
    {"ic", &Shape::ic, unset, 1, 1, 20, "channels"},
    {"id", &Shape::id, unset, 1, 1, 4, "input depth"},
    {"ih", &Shape::ih, unset, 1, 1, 12, "input height"},
    {"iw", &Shape::iw, unset, 1, 1, 12, "input width"},
    {"od", &Shape::od, unset, 1, 1, 4, "output depth"},
    {"oh", &Shape::oh, unset, 1, 1, 12, "output height"},
    {"ow", &Shape::ow, unset, 1, 1, 12, "output width"},
    {"kd", &Shape::kd, unset, 1, 1, 3, "window depth"},
    {"kh", &Shape::kh, unset, 1, 1, 5, "window height"},
    {"kw", &Shape::kw, unset, 1, 1, 5, "window width"},
    {"sd", &Shape::sd, unset, 1, 1, 2, "stride in depth"},
    {"sh", &Shape::sh, unset, 1, 1, 3, "vertical stride"},
    {"sw", &Shape::sw, unset, 1, 1, 3, "horizontal stride"},
    {"pd", &Shape::pd, unset, 0, 0, 1, "padding in front"},
    {"ph", &Shape::ph, unset, 0, 0, 3, "padding above"},
    {"pw", &Shape::pw, unset, 0, 0, 3, "padding to the left"},
});

/// The common fields and a layer's own.
template <std::size_t n>
constexpr auto fields_with(const std::array<Field<Shape>, n>& own) {
  std::array<Field<Shape>, common_fields.size() + n> all{};
  std::copy(own.begin(), own.end(),
            std::copy(common_fields.begin(), common_fields.end(), all.begin()));
  return all;
}

/// Derives what was left out; throws BadInput for an illegal shape. `layer` is for messages.
Shape complete(std::string_view layer, const Shape&);
/// But for countpad.
std::string print(const Shape&);
std::vector<Variable> variables(const Shape&);
Shape padded_out(const Shape&);

/// Dimensions of source and destination.
std::vector<std::int64_t> src_dims(const Shape&);
std::vector<std::int64_t> dst_dims(const Shape&);

/// How many windows the busiest input is in.
std::int64_t overlap(const Shape&);

}  // namespace flopmeter::pooling
