// The roofline: what arithmetic and memory allow at each intensity, and where the cases lie below.
// Attainable GFLOPS = min(peak, intensity x bandwidth) [Williams, Waterman, Patterson 2009].
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "results/report/log_scale.h"
#include "results/report/report_data.h"

namespace flopmeter::report {

/// A place in the diagram: FLOP/byte and GFLOPS.
struct PlotPoint {
  double intensity = 0;
  double gflops = 0;
};

/// One ceiling, a straight line in the diagram.
struct Roof {
  std::string label;       // short, for the line: "L2", "f32"
  std::string meaning;     // "f32 peak, 1 core: 178.0 GFLOPS (vfmadd231ps zmm)"
  bool bandwidth = false;  // slanted; else a peak, level
  std::int64_t cores = 1;
  double value = 0;  // GB/s, or GFLOPS
  PlotPoint from;
  PlotPoint to;
};

struct RooflinePoint {
  std::size_t row = 0;  // an index into ReportData::rows
  PlotPoint at;
};

/// One environment's diagram.
struct Roofline {
  std::size_t environment = 0;
  bool from_machine = false;  // else the roofs are medians of what was measured beside the samples
  std::int64_t most_cores = 1;  // of any roof; those of more than one core are drawn dashed
  Decades intensity;
  Decades gflops;
  std::vector<Roof> roofs;  // peaks first
  std::vector<RooflinePoint> points;
};

/// The roofs of the machine line: for every dtype the fastest instruction, for every level the
/// load bandwidth, on one core and on all, bursts. Without a machine line the medians of the peaks
/// and bandwidths that the rows hold. The points are all rows with a rate and an intensity.
Roofline roofline(const ReportData& data, std::size_t environment);

/// Those of all environments that have points or roofs.
std::vector<Roofline> rooflines(const ReportData& data);

}  // namespace flopmeter::report
