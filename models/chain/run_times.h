// What repeated runs of a chain took, whole and part by part, so that the parts sum up to the whole.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace flopmeter::models {

/// Of whole runs, in seconds. The mean is what throughput follows from.
struct Latency {
  double median = 0, low = 0, high = 0, p90 = 0, p99 = 0, mean = 0;
  std::size_t runs = 0;
  std::size_t blocks = 0;  // that `low` and `high` are of; 0: of the ranks of all runs
};

/// Of at least one run. `low` and `high` hold the median of these runs in 95 of 100 cases, whatever the distribution:
/// ranks n/2 -+ 0.98 sqrt(n).
Latency latency_of(std::vector<double> seconds);

/// Blocks that runs are made in; fewer where there are not so many runs.
inline constexpr std::size_t most_blocks = 8;

/// The same of runs in the order in which they were made, in blocks that end before `ends`, the last one with all of
/// them. What disturbs a machine lasts longer than a run, so that medians of blocks differ by more than ranks say:
/// `low` and `high` are that interval, or where this is wider the prediction interval of one more block, m -+ t s
/// sqrt(1 + 1/b) of the b medians, in which the median of a repetition lies in 95 of 100 cases as far as blocks tell.
Latency latency_of_blocks(std::span<const double> seconds, std::span<const std::size_t> ends);

/// Ends of blocks of about as many runs each.
std::vector<std::size_t> even_blocks(std::size_t runs);

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
/// which are the clock's own; `ends` are blocks as above, none for even ones. At least one part and one run.
RunTimes run_times(std::span<const std::vector<double>> samples, double reading,
                   std::vector<std::size_t> ends = {});

}  // namespace flopmeter::models
