#include "bench/machine/memory_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "bench/machine/cache.h"
#include "bench/machine/memory_latency.h"
#include "bench/machine/memory_loop.h"
#include "bench/machine/topology.h"
#include "bench/machine/working_set.h"
#include "bench/memory.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

constexpr double noisy_below_burst = 0.9;
constexpr double noisy_deviation = 0.1;
// Short, so that on a busy machine most looks are not interrupted.
constexpr double chase_look_seconds = 2e-4;
constexpr double same_as_memory = 1.15;
constexpr int every_number_up_to = 4;
constexpr std::int64_t warmed_whole = std::int64_t{128} << 20U;

std::vector<int> core_counts(int cores) {
  if (cores > every_number_up_to) {
    return {1, cores};
  }
  std::vector<int> counts(static_cast<std::size_t>(std::max(cores, 1)));
  std::iota(counts.begin(), counts.end(), 1);
  return counts;
}

std::vector<MemoryOperation> operations_at(const std::string& level, bool quick) {
  using enum MemoryOperation;
  if (quick) {
    return {load, triad};
  }
  std::vector<MemoryOperation> operations = {load, store, copy, triad};
  if (level == "DRAM") {
    operations.push_back(nontemporal_store);
  }
  return operations;
}

/// Calls `look` until `seconds` are over, at least three times. What it returned, and how long each
/// call took.
std::pair<std::vector<double>, std::vector<double>> take_looks(const std::function<double()>& look,
                                                               const Clock& clock, double seconds) {
  std::vector<double> values;
  std::vector<double> lengths;
  const double begin = clock();
  for (double last = begin; last - begin < seconds || values.size() < 3;) {
    values.push_back(look());
    const double now = clock();
    lengths.push_back(now - std::exchange(last, now));
  }
  return {values, lengths};
}

BandwidthRow measure_row(BandwidthRow row, const MemoryLoop& loop, const MemoryOptions& options) {
  const auto [rates, seconds] = take_looks([&] { return loop.burst(options.look_seconds); },
                                           options.clock, options.row_seconds);
  const LookSummary summary = summarize_looks(rates, seconds);
  row.bytes = loop.bytes();
  row.burst = summary.burst;
  row.sustained = summary.sustained;
  row.pages = loop.pages();
  row.status = summary.status;
  row.reason = summary.reason;
  return row;
}

/// None, and a reason, where the set has one or there is no such memory.
std::shared_ptr<const MemoryArrays> arrays_for(WorkingSet& set, int cores) {
  try {
    return set.reason.empty() ? std::make_shared<const MemoryArrays>(set.bytes, cores) : nullptr;
  } catch (const std::runtime_error& error) {
    set.reason = error.what();
    return nullptr;
  }
}

std::vector<BandwidthRow> bandwidth_of_level(WorkingSet set, int cores,
                                             const MemoryOptions& options) {
  std::vector<BandwidthRow> rows;
  const auto arrays = arrays_for(set, cores);
  for (const MemoryOperation operation : operations_at(set.level, options.quick)) {
    BandwidthRow row;
    row.operation = name_of(operation);
    row.level = set.level;
    row.cores = cores;
    row.status = "unavailable";
    row.reason = set.reason;
    rows.push_back(arrays ? measure_row(row, MemoryLoop(operation, arrays, options.clock), options)
                          : row);
  }
  return rows;
}

/// Adds to a reason of the row, if it has one.
template <class Row>
void rename_level(Row& row, const std::string& level, std::int64_t cache_bytes) {
  const std::string why = fmt::format(
      "as fast as DRAM: of the {:.4g} MiB that {} shows this process gets less than "
      "this working set",
      static_cast<double>(cache_bytes) / (1 << 20), row.level);
  row.reason = row.reason.empty() ? why : row.reason + "; " + why;
  row.level = level;
}

std::int64_t bytes_of_level(std::span<const CacheRow> caches, const std::string& level) {
  const CacheRow* const cache = cache_of_level(caches, level);
  return cache == nullptr ? 0 : cache->bytes.value_or(0);
}

/// Renames the levels of rows that were all measured with as many cores. `speeds`: of each level,
/// nearest first, main memory last.
template <class Row>
void name_levels(std::span<Row> rows, std::span<const std::pair<std::string, double>> speeds,
                 std::span<const CacheRow> caches) {
  for (std::size_t i = 1; i + 1 < speeds.size(); ++i) {
    const std::string& level = speeds[i].first;
    const std::string earned =
        earned_level(level, speeds[i - 1].first, speeds[i].second, speeds.back().second);
    for (Row& row : rows) {
      if (row.level == level && earned != level && row.status != "unavailable") {
        rename_level(row, earned, bytes_of_level(caches, level));
      }
    }
  }
}

std::vector<BandwidthRow> bandwidth_of_cores(const MemoryOptions& options, int cores,
                                             std::span<const CacheRow> caches) {
  std::vector<BandwidthRow> rows;
  std::vector<std::pair<std::string, double>> speeds;
  for (const WorkingSet& set :
       working_sets(caches, cores, options.available_bytes, options.last_level_bytes)) {
    const auto more = bandwidth_of_level(set, cores, options);
    speeds.emplace_back(set.level, more.front().burst.value_or(0));
    rows.insert(rows.end(), more.begin(), more.end());
  }
  name_levels<BandwidthRow>(rows, speeds, caches);
  return rows;
}

void measure_chase(LatencyRow& row, std::int64_t bytes, const MemoryOptions& options) {
  PointerChase chase(bytes, 64, options.clock);
  if (bytes <= warmed_whole) {
    chase.warm_up();
  }
  const std::vector<double> looks =
      take_looks([&] { return chase.look(chase_look_seconds); }, options.clock, options.row_seconds)
          .first;
  row.bytes = chase.bytes();
  row.seconds = median(looks);
  if (options.ghz) {
    row.cycles = *row.seconds * *options.ghz * 1e9;
  }
  row.pages = chase.pages();
  const double deviation = median_deviation(looks);
  const bool noisy = deviation > noisy_deviation;
  row.status = noisy ? "noisy" : "ok";
  row.reason = noisy ? fmt::format("half of the looks lie {:.1f} % or more from their median",
                                   100 * deviation)
                     : "";
}

LatencyRow latency_of_level(const WorkingSet& set, const MemoryOptions& options) {
  LatencyRow row;
  row.level = set.level;
  row.status = "unavailable";
  row.reason =
      options.quick && set.level == "DRAM" ? "a quick run does not measure it" : set.reason;
  if (row.reason.empty()) {
    try {
      measure_chase(row, set.bytes, options);
    } catch (const std::runtime_error& error) {
      row.reason = error.what();
    }
  }
  return row;
}

}  // namespace

MemoryOptions memory_options(bool quick, int cores) {
  return {.quick = quick,
          .cores = cores,
          .available_bytes = available_bytes(),
          .last_level_bytes = last_level_cache_bytes(),
          .row_seconds = quick ? 0.1 : 0.2};
}

LookSummary summarize_looks(std::span<const double> rates, std::span<const double> seconds) {
  assert(!rates.empty() && rates.size() == seconds.size());
  LookSummary summary{.burst = percentile(rates, 0.9)};
  summary.sustained = std::inner_product(rates.begin(), rates.end(), seconds.begin(), 0.0) /
                      std::accumulate(seconds.begin(), seconds.end(), 0.0);
  const double typical = median(rates) / summary.burst;
  const bool noisy = typical < noisy_below_burst;
  summary.status = noisy ? "noisy" : "ok";
  summary.reason =
      noisy ? fmt::format("half of the looks reach {:.0f} % of the burst or less", 100 * typical)
            : "";
  return summary;
}

std::string earned_level(const std::string& level, const std::string& nearer, double measured,
                         double of_memory) {
  const bool known = measured > 0 && of_memory > 0;
  const double ratio = known ? std::max(measured / of_memory, of_memory / measured) : 0;
  return known && ratio < same_as_memory ? "beyond " + nearer : level;
}

std::vector<BandwidthRow> measure_bandwidth(const MemoryOptions& options,
                                            std::span<const CacheRow> caches) {
  std::vector<BandwidthRow> rows;
  for (const int cores : core_counts(options.cores)) {
    const auto more = bandwidth_of_cores(options, cores, caches);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

std::vector<LatencyRow> measure_latency(const MemoryOptions& options,
                                        std::span<const CacheRow> caches) {
  std::vector<LatencyRow> rows;
  std::vector<std::pair<std::string, double>> times;
  for (const WorkingSet& set :
       working_sets(caches, 1, options.available_bytes, options.last_level_bytes)) {
    const LatencyRow row = latency_of_level(set, options);
    times.emplace_back(set.level, row.seconds.value_or(0));
    rows.push_back(row);
  }
  name_levels<LatencyRow>(rows, times, caches);
  return rows;
}

}  // namespace flopmeter
