// A fleet in rows: kinds of machine, cases on all of them, nodes beside their equals.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

struct FleetQuestion {
  double target_latency = 0;  // s, of a run of a network; 0: none
  std::map<std::string, double>
      prices;  // of an hour, by a kind's name, or by what files begin with
};

/// Machines that cannot be told apart: CPU, instruction sets and the variables that steer kernels.
struct FleetKind {
  std::string name, identity;
  std::vector<std::size_t> environments;  // of the data
  std::size_t rows = 0, unsteady = 0, failed = 0, unavailable = 0;
  std::optional<double>
      peak;  // GFLOPS of one thread in f32, median of what was measured beside rows
  std::optional<double> price;
};

/// A case on all kinds: its best time on each, 0 where there is none.
struct FleetCase {
  std::size_t row = 0;  // an index into ReportData::all, any of it
  std::vector<double> seconds;
};

/// A file, which is what a node left, beside the other files of its kind.
struct FleetNode {
  std::size_t file = 0, kind = 0, rows = 0;
  double ratio = 1;      // median over its rows of the peak beside them over that of its kind
  bool outlier = false;  // by more than a tenth
};

struct Fleet {
  std::vector<FleetKind> kinds;
  std::vector<FleetCase> cases;
  std::vector<FleetNode> nodes;
};

Fleet fleet_of(const ReportData& data, const FleetQuestion& question);

/// The cost of a million inferences at a price an hour; `seconds` is of one run of `batch`.
double cost_of_million(double price_per_hour, double seconds, double batch);

/// The samples of a run of a network, from a shape such as "resnet50_batch8"; 1 where it does not say.
double batch_of(const std::string& shape);

}  // namespace flopmeter::report
