#include "models/plan/conformal.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "statistics/statistics.h"

namespace flopmeter::planner {
namespace {

constexpr std::size_t draw_count = 400;
constexpr std::uint64_t draw_seed = 1;
constexpr double factor_of_nothing = 4;
constexpr double least_guess = 2;

std::vector<double> scores(std::span<const Residual> residuals) {
  std::vector<double> all;
  for (const auto& [measured, predicted] : residuals) {
    all.push_back(std::abs(std::log(measured / predicted)));
  }
  return all;
}

/// The score at this share of some; more than all of them has none.
double factor_at(const std::vector<double>& all, double share) {
  return share > 1 ? std::max(least_guess, 2 * std::exp(std::ranges::max(all)))
                   : std::exp(percentile(all, share));
}

/// Rank ceil((n + 1) x level) of n, as a share.
double corrected(std::size_t n, double level) {
  const auto count = static_cast<double>(n);
  return std::ceil((count + 1) * level - 1e-9) / count;
}

}  // namespace

double conformal_factor(std::span<const Residual> residuals, double level) {
  return residuals.empty() ? factor_of_nothing
                           : factor_at(scores(residuals), corrected(residuals.size(), level));
}

double sum_factor(std::span<const UncertainPart> parts, double level) {
  // Numbers of the generator itself: distributions differ between libraries.
  std::mt19937_64 random(draw_seed);
  double whole = 0;
  std::size_t groups = 0;
  for (const UncertainPart& part : parts) {
    whole += part.seconds;
    groups = std::max(groups, part.group + 1);
  }
  std::vector<double> ratios;
  std::vector<std::uint64_t> drawn(groups);
  for (std::size_t i = 0; whole > 0 && i < draw_count; ++i) {
    std::ranges::generate(drawn, random);
    double sum = 0;
    for (const UncertainPart& part : parts) {
      sum +=
          part.off.empty()
              ? part.seconds
              : part.seconds * std::exp(part.times * part.off[drawn[part.group] % part.off.size()]);
    }
    ratios.push_back(std::abs(std::log(sum / whole)));
  }
  return ratios.empty() ? 1 : std::exp(percentile(ratios, level));
}

}  // namespace flopmeter::planner
