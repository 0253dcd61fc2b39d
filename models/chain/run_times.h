// What repeated runs of a chain took, whole and part by part, so that the parts sum up to the whole.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace flopmeter::models {

/// Of whole runs, in seconds. `low` and `high` hold the median in 95 of 100 cases, whatever the distribution:
/// ranks n/2 -+ 0.98 sqrt(n). The mean is what throughput follows from.
struct Latency {
  double median = 0, low = 0, high = 0, p90 = 0, p99 = 0, mean = 0;
  std::size_t runs = 0;
};

/// Of at least one run.
Latency latency_of(std::vector<double> seconds);

/// Of the mean of the runs that rows are of, how far it may be from the median.
inline constexpr double most_from_median = 0.01;

/// Runs around the median: as many as have a mean within `most_from_median` of it, the same number below as
/// above; of an even number of runs the two middle ones at the least. Indices, ascending in time taken.
std::vector<std::size_t> middle_runs(std::span<const double> wholes);

/// Means over the middle runs. Parts and `clock_seconds` sum up to `whole_seconds`, which is within
/// `most_from_median` of the latency's median, however busy the machine was.
struct RunTimes {
  Latency latency;
  std::vector<double> parts;  // without the reading of the clock in them
  double clock_seconds = 0;   // of reading it at every border of a run
  double whole_seconds = 0;
  std::size_t rows_of = 0;  // runs that parts are of
};

/// `samples[i][r]` is what part `i` took in run `r`, from one reading of the clock to the next, `reading` of
/// which are the clock's own. At least one part and one run.
RunTimes run_times(std::span<const std::vector<double>> samples, double reading);

}  // namespace flopmeter::models
