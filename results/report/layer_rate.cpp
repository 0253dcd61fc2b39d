#include "results/report/layer_rate.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "statistics/statistics.h"

namespace flopmeter::report {
namespace {

/// Sums over the cases of one rate.
struct RateSum {
  LayerRate rate;
  double operations = 0;
  double median = 0;    // s
  double smallest = 0;  // s
  double largest = 0;   // s
  std::vector<double> peaks;
};

auto key_of(const BriefRow& r) {
  return std::tuple(r.environment, r.layer, r.backend, r.dtype, r.pass, r.threads, r.cache);
}

void add_case(RateSum& sum, const BriefRow& row) {
  LayerRate& rate = sum.rate;
  if (rate.cases == 0) {
    rate.environment = row.environment;
    rate.threads = row.threads;
    std::tie(rate.layer, rate.backend, rate.dtype, rate.pass, rate.cache) = std::tie(
        row.layer.str(), row.backend.str(), row.dtype.str(), row.pass.str(), row.cache.str());
  }
  if (rate.convention.find(row.convention.str()) == std::string::npos) {
    rate.convention += (rate.convention.empty() ? "" : " and ") + row.convention.str();
  }
  ++rate.cases;
  rate.unsteady += row.status == "ok" ? 0 : 1;
  sum.operations += static_cast<double>(*row.flops);
  sum.median += *row.seconds;
  const bool sampled = row.most > 0;
  sum.smallest += sampled ? row.least : *row.seconds;
  sum.largest += sampled ? row.most : *row.seconds;
  if (row.peak_gflops) {
    sum.peaks.push_back(*row.peak_gflops);
  }
}

LayerRate finished(RateSum sum) {
  constexpr double giga = 1e9;
  sum.rate.gflops = sum.operations / sum.median / giga;
  sum.rate.slowest = sum.operations / sum.largest / giga;
  sum.rate.fastest = sum.operations / sum.smallest / giga;
  if (!sum.peaks.empty()) {
    sum.rate.peak = median(sum.peaks);
  }
  return std::move(sum.rate);
}

auto all_but_threads(const LayerRate& rate) {
  return std::tie(rate.environment, rate.layer, rate.backend, rate.dtype, rate.pass, rate.cache);
}

/// Rates of other cases than those of the same layer on other threads would be taken for scaling.
void keep_most_cases(std::vector<LayerRate>& rates) {
  std::map<std::tuple<std::size_t, std::string, std::string, std::string, std::string, std::string>,
           std::size_t>
      most;
  for (const LayerRate& rate : rates) {
    std::size_t& cases = most[all_but_threads(rate)];
    cases = std::max(cases, rate.cases);
  }
  std::erase_if(rates,
                [&](const LayerRate& rate) { return rate.cases < most[all_but_threads(rate)]; });
}

}  // namespace

std::vector<LayerRate> layer_rates(const ReportData& data) {
  std::map<decltype(key_of({})), RateSum> sums;
  for (const BriefRow& row : data.all) {
    if (timed(row) && row.flops.value_or(0) > 0) {
      add_case(sums[key_of(row)], row);
    }
  }
  std::vector<LayerRate> rates;
  for (auto& [key, sum] : sums) {
    rates.push_back(finished(std::move(sum)));
  }
  keep_most_cases(rates);
  std::map<std::string, double> best;
  for (const LayerRate& rate : rates) {
    double& layer = best[rate.layer];
    layer = std::max(layer, rate.gflops);
  }
  std::ranges::stable_sort(rates, std::ranges::greater{}, [&](const LayerRate& rate) {
    return std::tuple(best[rate.layer], rate.layer, rate.gflops);
  });
  return rates;
}

}  // namespace flopmeter::report
