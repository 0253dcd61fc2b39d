// The page of a fleet: kinds of machine side by side, networks ranked on them, nodes that are unlike their equals.
#pragma once

#include <string>

#include "results/report/fleet.h"

namespace flopmeter::report {

std::string fleet_page(const ReportData& data, const FleetQuestion& question);

}  // namespace flopmeter::report
