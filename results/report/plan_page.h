// The page of a plan: predicted latency, throughput and cost of all combinations, and which of them to choose.
#pragma once

#include <string>

#include "results/report/plan_table.h"

namespace flopmeter::report {

std::string plan_page(const PlanTable& plan);

}  // namespace flopmeter::report
