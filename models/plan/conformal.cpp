#include "models/plan/conformal.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "statistics/statistics.h"

namespace flopmeter::planner {
namespace {

constexpr std::size_t chain_count = 1000;
constexpr std::uint64_t chain_seed = 1;
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

std::vector<Residual> random_chains(std::span<const Residual> residuals, std::size_t count,
                                    std::uint64_t seed) {
  // Numbers of the generator itself: distributions differ between libraries.
  std::mt19937_64 random(seed);
  std::vector<Residual> chains(residuals.empty() ? 0 : count);
  for (Residual& chain : chains) {
    const std::uint64_t length = 5 + random() % 16;
    for (std::uint64_t i = 0; i < length; ++i) {
      const Residual& one = residuals[random() % residuals.size()];
      chain.measured += one.measured;
      chain.predicted += one.predicted;
    }
  }
  return chains;
}

double chain_factor(std::span<const Residual> residuals, double level) {
  if (residuals.empty()) {
    return factor_of_nothing;
  }
  return factor_at(scores(random_chains(residuals, chain_count, chain_seed)),
                   corrected(residuals.size(), level));
}

}  // namespace flopmeter::planner
