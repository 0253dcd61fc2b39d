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

auto key_of(const ReportRow& row) {
  const Record& r = row.record;
  return std::tuple(row.environment, r.layer, r.backend, r.dtype, r.pass, r.threads, r.cache);
}

void add_case(RateSum& sum, const ReportRow& row) {
  const Record& record = row.record;
  LayerRate& rate = sum.rate;
  if (rate.cases == 0) {
    rate.environment = row.environment;
    std::tie(rate.layer, rate.backend, rate.dtype, rate.pass, rate.threads, rate.cache) = std::tie(
        record.layer, record.backend, record.dtype, record.pass, record.threads, record.cache);
  }
  if (rate.convention.find(record.convention) == std::string::npos) {
    rate.convention += (rate.convention.empty() ? "" : " and ") + record.convention;
  }
  ++rate.cases;
  rate.unsteady += record.status == "ok" ? 0 : 1;
  sum.operations += static_cast<double>(*record.flops);
  sum.median += *record.seconds;
  const bool sampled = !record.samples.empty();
  sum.smallest += sampled ? std::ranges::min(record.samples) : *record.seconds;
  sum.largest += sampled ? std::ranges::max(record.samples) : *record.seconds;
  if (record.peak_gflops) {
    sum.peaks.push_back(*record.peak_gflops);
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
  const std::vector<LayerRate> all = rates;
  std::erase_if(rates, [&](const LayerRate& rate) {
    return std::ranges::any_of(all, [&](const LayerRate& other) {
      return all_but_threads(other) == all_but_threads(rate) && other.cases > rate.cases;
    });
  });
}

}  // namespace

std::vector<LayerRate> layer_rates(const ReportData& data) {
  std::map<decltype(key_of(data.rows.front())), RateSum> sums;
  for (const ReportRow& row : data.rows) {
    if (timed(row.record) && row.record.flops.value_or(0) > 0) {
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
