// The rows of peak_specs(), as they are written: each mix once, for all of its widths.
#pragma once

#include <vector>

#include "bench/machine/peak_spec.h"

namespace flopmeter {

struct PeakWidth {
  int bits;
  CpuFeature needs;
};

struct PeakMix {
  std::string_view operation;
  std::string_view dtype;
  Lane lane;
  bool scalar;
  std::vector<PeakWidth> widths;
  std::vector<PeakStep> steps;
  std::vector<std::uint64_t> constants;
  bool sequence = false;
  bool ceiling = false;
};

/// The table.
std::vector<PeakMix> peak_table();

}  // namespace flopmeter
