#include "kernels/images/images.h"

#include "kernels/families/table/absent.h"
#include "kernels/images/lrn.h"
#include "kernels/sizes.h"
#include "kernels/tolerance.h"

namespace flopmeter::images {

ResampleShape completed(std::string_view layer, ResampleShape s, bool corners_known) {
  if (s.ic == unset || (s.ih == unset && s.iw == unset && s.id == unset)) {
    bad_input("{} needs channels and sizes of input and output, as in mb1ic64ih28oh56", layer);
  }
  complete_sizes(s);
  s.oh = s.oh != unset ? s.oh : s.od != unset ? s.od : s.ih;
  s.ow = s.ow != unset ? s.ow : s.iw == s.ih ? s.oh : s.iw;
  s.od = s.od != unset ? s.od : s.id;
  check_flag(layer, "corners", s.corners);
  if (s.corners != 0 && !corners_known) {
    bad_input("{}: corners is 1, but the nearest pixel is of squares alone", layer);
  }
  return s;
}

/// All sizes, but depths where they are 1.
ResampleShape shortest(const ResampleShape& s) {
  ResampleShape short_one = s;
  if (s.id == 1 && s.od == 1) {
    short_one.id = unset;
    short_one.od = unset;
  }
  return short_one;
}

std::vector<Operand> resample_operands(const ResampleShape& s, Pass pass) {
  const std::vector<std::int64_t> x{s.mb, s.ic, s.id, s.ih, s.iw};
  const std::vector<std::int64_t> y{s.mb, s.ic, s.od, s.oh, s.ow};
  if (pass == Pass::forward) {
    return {{"src", x, Role::input}, {"dst", y, Role::output}};
  }
  return {{"diff_dst", y, Role::input}, {"diff_src", x, Role::output}};
}

std::array<Axis, 3> axes_of(const ResampleShape& s, Kernel kernel) {
  const bool corners = s.corners != 0;
  return {Axis{s.id, s.od, kernel, corners}, Axis{s.ih, s.oh, kernel, corners},
          Axis{s.iw, s.ow, kernel, corners}};
}

/// A gradient is a sum over all outputs that meet the pixel. Libraries compute coordinates and
/// weights in f32, which are off by some roundings of a size.
template <class L>
Tolerance Resample<L>::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t outputs = checked_product(s.od, s.oh, s.ow);
  const std::int64_t terms = pass == Pass::forward ? 64 : 64 + outputs;
  return sum_tolerance(terms + 4 * std::max({s.ih, s.iw, s.id}), dtype);
}

template <>
std::vector<Backend<ResampleShape>> Resample<Nearest>::backends() {
  return {reference_backend<Nearest>(),
          absent<ResampleShape, "Eigen has no resampling">("eigen"),
          {"onednn", prepare_nearest}};
}

template <>
std::vector<Backend<ResampleShape>> Resample<Linear>::backends() {
  return {reference_backend<Linear>(),
          absent<ResampleShape, "Eigen has no resampling">("eigen"),
          {"onednn", prepare_linear}};
}

template <>
std::vector<Backend<ResampleShape>> Resample<Cubic>::backends() {
  return {reference_backend<Cubic>(), absent<ResampleShape, "Eigen has no resampling">("eigen"),
          absent<ResampleShape, "oneDNN resamples by the nearest pixel or linearly">("onednn")};
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() {
  return {describe<Nearest>(shapes_of("resample_nearest")),
          describe<Linear>(shapes_of("resample_linear")),
          describe<Cubic>(shapes_of("resample_cubic")), describe<Lrn>(shapes_of("lrn"))};
}

}  // namespace flopmeter::images
