// Predictions held against measurements: errors, coverage, and whether the pick was right.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace flopmeter::planner {

/// predicted / measured - 1: below 0 it is slower than predicted. `measured` is above 0.
double signed_error(double predicted, double measured);

/// Of several predictions of whole networks or of nodes.
struct ErrorSummary {
  std::size_t count = 0;
  double median = 0, p95 = 0, worst = 0;  // of the absolute errors
  double mean_signed = 0;
};

struct PredictedMeasured {
  double predicted = 0, measured = 0;
};

/// At least one pair.
ErrorSummary summary_of(std::span<const PredictedMeasured> pairs);

/// Kendall's tau-b of both rankings; none where all of one side are equal or there are fewer than two.
std::optional<double> kendall_tau(std::span<const PredictedMeasured> pairs);

/// How much longer what is predicted to be fastest takes than what is fastest: 0 for the right pick.
double regret(std::span<const PredictedMeasured> pairs);

}  // namespace flopmeter::planner
