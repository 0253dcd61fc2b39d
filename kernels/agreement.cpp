#include "kernels/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace flopmeter {
namespace {

template <class T>
bool uniform(std::span<const T> values) {
  return std::ranges::all_of(values, [&](T value) { return value == values[0]; });
}

/// A truth that a kernel could hit without computing anything.
bool trivial(std::span<const double> truth) {
  return truth.size() == 1 ? truth[0] == 0 : uniform(truth);
}

/// The element that uses most of its tolerance.
Agreement worst_element(std::span<const float> got, std::span<const double> truth,
                        const Tolerance& tolerance) {
  Agreement worst{.passed = true};
  double worst_share = -1;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    // Infinity less itself is not a number, and a share of it allows for anything.
    const bool same = static_cast<double>(got[i]) == truth[i];
    const double error = same ? 0 : std::abs(static_cast<double>(got[i]) - truth[i]);
    const double allowed = tolerance.absolute +
                           (std::isfinite(truth[i]) ? tolerance.relative * std::abs(truth[i]) : 0);
    const double share = same ? 0 : std::isfinite(error) ? error / allowed : HUGE_VAL;
    if (share > worst_share) {
      worst_share = share;
      worst = {.passed = std::isfinite(error) && error <= allowed,
               .max_error = error,
               .tolerance = allowed,
               .index = i};
    }
  }
  return worst;
}

std::string describe_element(const Agreement& agreement, float got, double truth) {
  if (std::isnan(got)) {
    return fmt::format("element {} is not a number: never written?", agreement.index);
  }
  return fmt::format("element {} is {}, the truth is {}, off by {:.2e}, allowed {:.2e}",
                     agreement.index, got, truth, agreement.max_error, agreement.tolerance);
}

}  // namespace

Agreement check_agreement(std::span<const float> got, std::span<const double> truth,
                          const Tolerance& tolerance) {
  if (got.size() != truth.size()) {
    return {.reason = fmt::format("{} elements instead of {}", got.size(), truth.size())};
  }
  Agreement agreement = worst_element(got, truth, tolerance);
  agreement.trivial = trivial(truth);
  if (!agreement.passed) {
    agreement.reason = describe_element(agreement, got[agreement.index], truth[agreement.index]);
  } else if (uniform(got) && !uniform(truth)) {
    agreement.passed = false;
    agreement.reason = fmt::format("all elements are {}, those of the truth differ", got[0]);
  }
  return agreement;
}

}  // namespace flopmeter
