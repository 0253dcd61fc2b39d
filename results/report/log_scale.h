// A logarithmic axis: from a quantity to a pixel.
#pragma once

#include <span>
#include <vector>

namespace flopmeter::report {

/// Whole powers of ten around values.
struct Decades {
  int first = 0;  // exponent
  int last = 1;   // exponent, above `first`
};

/// The narrowest ones that hold all values. Values that are not above 0 are passed over.
Decades decades_around(std::span<const double> values);

/// Maps 10^first to `from` and 10^last to `to`, equal ratios to equal distances.
struct LogScale {
  Decades decades;
  double from = 0;
  double to = 1;

  double operator()(double value) const;
};

}  // namespace flopmeter::report
