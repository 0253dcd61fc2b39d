#include "kernels/adaptive_avg_pool/adaptive_avg_pool.h"

#include "kernels/families/pooling/notation.h"
#include "kernels/tolerance.h"

namespace flopmeter::adaptive_avg_pool {
namespace {

constexpr pooling::AdaptiveAxis unsaid{unset, unset};
constexpr pooling::AdaptiveAxis absent{1, 1};

/// How many windows share an input at most: neighbours where they overlap, and all that see
/// nothing else where there are more outputs than inputs.
std::int64_t overlap(const pooling::AdaptiveAxis& axis) {
  return axis.in % axis.out == 0 ? 1 : (axis.out - 1) / axis.in + 2;
}

}  // namespace

Shape Layer::complete(Shape s) {
  auto axes = pooling::spread(s.axes(), unsaid, absent);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    auto& [in, out] = axes.at(i);
    if (s.ic == unset || in == unset) {
      bad_input("{} needs ic and i{}, as in mb1ic512ih7oh1", name, "dhw"[i]);
    }
    out = out == unset ? 1 : out;
    checked_multiply(in, out + 1);  // indices are computed without checks in the loops
  }
  const auto& [d, h, w] = axes;
  return {s.mb, s.ic, d.in, h.in, w.in, d.out, h.out, w.out};
}

std::string Layer::print(const Shape& s) {
  const std::string_view letters = pooling::written_axes(s.axes(), absent);
  return fmt::format("mb{}ic{}", s.mb, s.ic) +
         pooling::print_key("i", letters, {s.id, s.ih, s.iw}) +
         pooling::print_key("o", letters, {s.od, s.oh, s.ow});
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> x{s.mb, s.ic, s.id, s.ih, s.iw};
  const std::vector<std::int64_t> y{s.mb, s.ic, s.od, s.oh, s.ow};
  if (pass == Pass::forward) {
    return {{"src", x, Role::input}, {"dst", y, Role::output}};
  }
  return {{"diff_dst", y, Role::input}, {"diff_src", x, Role::output}};
}

Formula Layer::formula(const Shape& s, Pass pass) {
  const std::int64_t taps = checked_multiply(s.planes(), pooling::taps(s.axes()));
  return unpadded(0, pooling::mean_counts(pass, taps, s.outputs()));
}

/// Of a sum. Backward oneDNN may keep it in the dtype of the gradient.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  if (pass == Pass::forward) {
    const auto longest = [](const auto& axis) { return axis.in / axis.out + 2; };
    return sum_tolerance(longest(s.axes()[0]) * longest(s.axes()[1]) * longest(s.axes()[2]), dtype);
  }
  const std::int64_t terms = overlap(s.axes()[0]) * overlap(s.axes()[1]) * overlap(s.axes()[2]);
  Tolerance tolerance = sum_tolerance(terms, dtype);
  tolerance.absolute += static_cast<double>(terms - 1) * unit_roundoff(dtype);
  return tolerance;
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::adaptive_avg_pool
