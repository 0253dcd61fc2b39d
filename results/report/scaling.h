// What more threads bring: the same case in the same environment with several numbers of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// A case with more threads than the fewest that it was measured with.
struct ScalingStep {
  std::size_t row = 0;    // an index into ReportData::all
  std::size_t base = 0;   // the row with the fewest threads, likewise
  double speedup = 0;     // time of `base` / time of `row`
  double efficiency = 0;  // speedup x threads of `base` / threads of `row`; 1: as good as can be
};

/// In the order of the rows, each case by its threads. Rows without a time are left out.
std::vector<ScalingStep> scaling_steps(const ReportData& data);

/// All of them, or as many as are drawn: evenly from the least to the largest speed-up.
std::vector<ScalingStep> drawn_steps(const std::vector<ScalingStep>& steps);

/// At least one step.
double median_speedup(const std::vector<ScalingStep>& steps);

}  // namespace flopmeter::report
