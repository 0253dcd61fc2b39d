#include "bench/machine/looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "statistics/statistics.h"

namespace flopmeter {
namespace {

constexpr double burst_percentile = 0.9;

std::vector<double> rates_of(std::span<const PeakLook> looks) {
  std::vector<double> rates;
  std::ranges::transform(looks, std::back_inserter(rates), &PeakLook::rate);
  return rates;
}

/// A clock changes from look to look, and a burst belongs to the highest. Its looks can be
/// disturbed as well, and cannot be too fast either.
double clock_beside(std::span<const PeakLook> looks, double burst) {
  std::vector<double> clocks;
  for (const PeakLook& look : looks) {
    if (look.rate >= burst) {
      clocks.push_back(look.ghz);
    }
  }
  return percentile(clocks, burst_percentile);
}

}  // namespace

std::string why_noisy(std::span<const double> rates) {
  const double share = median(rates) / percentile(rates, burst_percentile);
  return share >= 1 - looks_noisy_above
             ? ""
             : fmt::format("half of the looks reached at most {:.0f} % of the burst", 100 * share);
}

void set_burst(ThroughputRow& row, const PeakSpec& spec, std::span<const PeakLook> looks) {
  const std::vector<double> rates = rates_of(looks);
  row.burst = percentile(rates, burst_percentile);
  row.ghz = clock_beside(looks, *row.burst);
  const double instructions_of_an_operation =
      static_cast<double>(spec.instructions()) / static_cast<double>(spec.operations());
  row.instructions_per_cycle = *row.burst * instructions_of_an_operation /
                               static_cast<double>(*row.cores) / (*row.ghz * 1e9);
  row.reason = why_noisy(rates);
  row.status = row.reason.empty() ? "ok" : "noisy";
}

}  // namespace flopmeter
