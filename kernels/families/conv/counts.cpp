// The taps of the axes are independent of each other, so their counts multiply.
#include "kernels/families/conv/reference.h"

namespace flopmeter::conv {
namespace {

std::int64_t product(const Shape& s, std::int64_t Axis::Coverage::*count) {
  return checked_product(s.depth().coverage().*count, s.vertical().coverage().*count,
                         s.horizontal().coverage().*count);
}

/// Every product goes into a sum. Of the sums that have any product, those that do not start at a
/// bias save one add.
OpCounts sums(const Shape& s, std::int64_t without_bias) {
  const std::int64_t macs =
      checked_product(s.mb, s.oc, s.ic / s.g, product(s, &Axis::Coverage::taps));
  return {.macs = macs, .multiplies = macs, .adds = macs - without_bias};
}

}  // namespace

OpCounts gather_counts(const Shape& s, bool bias) {
  return sums(s, bias ? 0 : checked_product(s.mb, s.oc, product(s, &Axis::Coverage::outputs)));
}

OpCounts scatter_counts(const Shape& s, bool bias) {
  return sums(s, bias ? 0 : checked_product(s.mb, s.ic, product(s, &Axis::Coverage::inputs)));
}

OpCounts correlate_counts(const Shape& s) {
  return sums(s, checked_product(s.oc, s.ic / s.g, product(s, &Axis::Coverage::kernel)));
}

OpCounts sum_outputs_counts(const Shape& s) {
  return {.adds = checked_multiply(s.oc, correlate_terms(s) - 1)};
}

std::int64_t gather_terms(const Shape& s) { return checked_product(s.ic / s.g, s.kd, s.kh, s.kw); }

std::int64_t scatter_terms(const Shape& s) {
  return checked_product(s.oc / s.g, s.depth().taps_of_input(), s.vertical().taps_of_input(),
                         s.horizontal().taps_of_input());
}

std::int64_t correlate_terms(const Shape& s) { return checked_product(s.mb, s.od, s.oh, s.ow); }

}  // namespace flopmeter::conv
