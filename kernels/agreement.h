// Does a backend's output agree with the truth? What does not agree is not timed.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "kernels/formula.h"

namespace flopmeter {

/// `max_error` and `tolerance` are those of the element at `index`, which uses most of its
/// tolerance; a number that is missing (NaN) uses more than any error.
struct Agreement {
  bool passed = false;
  double max_error = 0;
  double tolerance = 0;
  std::size_t index = 0;
  bool trivial = false;     // the truth is one number everywhere: agreeing with it proves little
  std::string reason = {};  // why not passed, with the element; empty when passed
};

/// Holds `got` against `truth`, element by element: |got - truth| <= absolute + relative * |truth|.
/// NaN (an element never written) fails, and so does an output that is one number everywhere where
/// the truth is not, however wide the tolerance.
Agreement check_agreement(std::span<const float> got, std::span<const double> truth,
                          const Tolerance& tolerance);

}  // namespace flopmeter
