// The tables and figures of a fleet's page.
#pragma once

#include "results/report/fleet_ranking.h"
#include "results/report/section.h"

namespace flopmeter::report {

/// All that a page shows of a fleet, gathered once.
struct FleetView {
  const ReportData& data;
  const Fleet& fleet;
  const FleetQuestion& question;
  std::map<std::string, Speeds> speeds;
  std::vector<RankedNetwork> networks;
};

std::vector<Section> fleet_sections(const FleetView& view);

/// Of the charts of these sections, by the chart's name.
Json fleet_figures(const FleetView& view);

}  // namespace flopmeter::report
