#include "bench/machine/looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench/statistics.h"

namespace flopmeter {
namespace {

constexpr double burst_percentile = 0.9;

std::vector<double> values(std::span<const PeakLook> looks, double PeakLook::*member) {
  std::vector<double> all;
  std::ranges::transform(looks, std::back_inserter(all), member);
  return all;
}

}  // namespace

std::string why_noisy(std::span<const double> rates) {
  const double share = median(rates) / percentile(rates, burst_percentile);
  return share >= 1 - looks_noisy_above
             ? ""
             : fmt::format("half of the looks reached at most {:.0f} % of the burst", 100 * share);
}

void set_burst(ThroughputRow& row, const PeakSpec& spec, std::span<const PeakLook> looks) {
  const std::vector<double> rates = values(looks, &PeakLook::rate);
  row.burst = percentile(rates, burst_percentile);
  row.ghz = percentile(values(looks, &PeakLook::ghz), burst_percentile);
  const double instructions_of_an_operation =
      static_cast<double>(spec.instructions()) / static_cast<double>(spec.operations());
  row.instructions_per_cycle = *row.burst * instructions_of_an_operation /
                               static_cast<double>(*row.cores) / (*row.ghz * 1e9);
  row.reason = why_noisy(rates);
  row.status = row.reason.empty() ? "ok" : "noisy";
}

}  // namespace flopmeter
