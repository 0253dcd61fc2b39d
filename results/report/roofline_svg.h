// The roofline as a drawing by itself: for papers and READMEs, for print, and where no script runs.
#pragma once

#include <span>
#include <string>

#include "results/report/roofline.h"

namespace flopmeter::report {

/// A whole SVG document on white, one diagram below the other. Each point is a <path> moved to its
/// place by transform="translate(x,y)", with the row's description as its <title>.
std::string roofline_svg(std::span<const Roofline> diagrams, const ReportData& data);

/// The axes of one diagram, in pixels from its upper left corner.
struct RooflineAxes {
  LogScale x;  // FLOP/byte
  LogScale y;  // GFLOPS
};
RooflineAxes roofline_axes(const Roofline& diagram);

/// Moves values, sorted from small to large, so that neighbours are at least `gap` apart, and as
/// little as one pass upwards allows.
std::vector<double> pushed_apart(std::vector<double> sorted, double gap);

}  // namespace flopmeter::report
