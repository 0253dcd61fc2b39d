#include "models/plan/check.h"

#include <algorithm>
#include <cmath>

#include "statistics/statistics.h"

namespace flopmeter::planner {

double signed_error(double predicted, double measured) { return predicted / measured - 1; }

ErrorSummary summary_of(std::span<const PredictedMeasured> pairs) {
  std::vector<double> errors;
  ErrorSummary all{.count = pairs.size()};
  for (const auto& [predicted, measured] : pairs) {
    const double error = signed_error(predicted, measured);
    errors.push_back(std::abs(error));
    all.mean_signed += error / static_cast<double>(pairs.size());
  }
  all.median = median(errors);
  all.p95 = percentile(errors, 0.95);
  all.worst = std::ranges::max(errors);
  return all;
}

std::optional<double> kendall_tau(std::span<const PredictedMeasured> pairs) {
  double agree = 0;
  double of_predicted = 0;
  double of_measured = 0;
  const auto order = [](double a, double b) { return static_cast<double>((a > b) - (a < b)); };
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double predicted = order(pairs[i].predicted, pairs[j].predicted);
      const double measured = order(pairs[i].measured, pairs[j].measured);
      agree += predicted * measured;
      of_predicted += std::abs(predicted);
      of_measured += std::abs(measured);
    }
  }
  const double all = std::sqrt(of_predicted * of_measured);
  return all > 0 ? std::optional(agree / all) : std::nullopt;
}

double regret(std::span<const PredictedMeasured> pairs) {
  const auto pick = std::ranges::min_element(pairs, {}, &PredictedMeasured::predicted);
  const auto best = std::ranges::min_element(pairs, {}, &PredictedMeasured::measured);
  return pick->measured / best->measured - 1;
}

}  // namespace flopmeter::planner
