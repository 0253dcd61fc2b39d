// Achieved GFLOPS of a layer type: all of its measured cases, one call each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// One layer on one backend and dtype, for one pass, number of threads and state of the caches.
struct LayerRate {
  std::size_t environment = 0;
  std::string layer;
  std::string backend;
  std::string dtype;
  std::string pass;
  std::optional<std::int64_t> threads;
  std::string cache;
  std::string convention;  // how the operations are counted; several joined by " and "
  std::size_t cases = 0;
  std::size_t unsteady = 0;    // of them: noisy or mistrusted
  double gflops = 0;           // operations of all cases / sum of their median times / 10^9
  double slowest = 0;          // the same with the largest sample of each case
  double fastest = 0;          // the same with the smallest sample of each case
  std::optional<double> peak;  // GFLOPS, median of those measured beside the cases
};

/// Layers by their fastest rate, the fastest first; the rates of one layer likewise. Cases without
/// operations (a maximum, a look-up) have no rate and are left out; of several numbers of threads
/// only that with the most cases is there, or those: what a few cases reach on all cores is not the
/// layer's.
std::vector<LayerRate> layer_rates(const ReportData& data);

}  // namespace flopmeter::report
