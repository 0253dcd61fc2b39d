#include "bench/compare/inference.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <unsupported/Eigen/SpecialFunctions>

#include "statistics/statistics.h"

namespace flopmeter::compare {
namespace {

constexpr double normal_quartile = 0.6744897501960817;  // P(|Z| < it) = 1/2
constexpr int bisections = 60;

/// Where `above(x)` turns false, between 0 and the first power of two at which it is false.
template <class Above>
double bisect(Above above) {
  double low = 0;
  double high = 1;
  while (above(high)) {
    low = high;
    high *= 2;
  }
  for (int i = 0; i < bisections; ++i) {
    const double middle = (low + high) / 2;
    (above(middle) ? low : high) = middle;
  }
  return high;
}

/// All of few values; of many, so many of their quantiles: pairs of 20,000 samples in each of two
/// files would take minutes and gigabytes, and say the same.
std::vector<double> representatives(std::span<const double> values) {
  std::vector<double> all(values.begin(), values.end());
  if (all.size() <= most_paired_values) {
    return all;
  }
  std::ranges::sort(all);
  std::vector<double> chosen;
  for (std::size_t i = 0; i < most_paired_values; ++i) {
    chosen.push_back(all[(2 * i + 1) * all.size() / (2 * most_paired_values)]);
  }
  return chosen;
}

}  // namespace

double hodges_lehmann_shift(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> before = representatives(a);
  const std::vector<double> after = representatives(b);
  std::vector<double> differences;
  differences.reserve(before.size() * after.size());
  for (const double from : before) {
    for (const double to : after) {
      differences.push_back(to - from);
    }
  }
  return median(differences);
}

double pairwise_deviation(std::span<const double> all) {
  const std::vector<double> values = representatives(all);
  if (values.size() < 2) {
    return 0;
  }
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      sum += std::abs(values[i] - values[j]);
    }
  }
  const auto count = static_cast<double>(values.size());
  return sum / (count * (count - 1) / 2) * std::sqrt(std::numbers::pi) / 2;
}

double student_tail(double t, double freedom) {
  const double half = Eigen::numext::betainc(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2;
  return t < 0 ? 1 - half : half;
}

double student_quantile(double tail, double freedom) {
  return bisect([&](double t) { return student_tail(t, freedom) > tail; });
}

double margin_p_value(double shift, double error, double margin, double freedom) {
  const double size = std::abs(shift);
  return student_tail((size - margin) / error, freedom) +
         student_tail((size + margin) / error, freedom);
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto left = static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, left * p_values[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

double between_deviation(std::span<const double> residuals, std::span<const double> variances) {
  const auto exceeds = [&](double between) {
    std::vector<double> scaled;
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      const double variance = variances[i] + between * between;
      scaled.push_back(variance == 0 ? 0 : std::abs(residuals[i]) / std::sqrt(variance));
    }
    return median(scaled) > normal_quartile;
  };
  constexpr double nothing = 1e-12;  // residuals without variances have no ratio
  return exceeds(nothing) ? bisect(exceeds) : 0;
}

}  // namespace flopmeter::compare
