// Does a smaller count of operations mean a faster layer? Asked of every pair of measured cases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Two rows of which the one with fewer operations took longer.
struct Inversion {
  std::size_t fewer = 0;   // an index into ReportData::all
  std::size_t more = 0;    // likewise
  double count_ratio = 1;  // operations of `more` over those of `fewer`, above 1
  double time_ratio = 1;   // time of `fewer` over that of `more`, above 1
};

/// What holds for some rows.
struct Order {
  std::size_t cases = 0;
  std::optional<double> rho;     // Spearman's, of operations and time
  std::int64_t pairs = 0;        // with different counts
  std::int64_t inverted = 0;     // of them: the smaller count was slower, by the medians
  std::int64_t clearly = 0;      // of them: every sample of it was slower
  std::vector<Inversion> worst;  // by count_ratio x time_ratio, the largest first
};

/// The rows of one environment, backend, dtype, pass, number of threads and state of the caches:
/// only these can be compared by their counts.
struct CountAgainstTime {
  std::size_t environment = 0;
  std::string backend;
  std::string dtype;
  std::string pass;
  std::string setting;  // "1 thread, warm"
  Order all;            // every timed row
  Order steady;         // those with status ok
};

/// Compares the rows at these indices, which have operations and a time.
Order order_of(const ReportData& data, std::span<const std::size_t> rows);

/// One for each group that has a row with operations and a time, in the order of the rows.
std::vector<CountAgainstTime> counts_against_times(const ReportData& data);

}  // namespace flopmeter::report
