// What `flopmeter plan` found, and how it is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/model.h"
#include "models/plan/candidate.h"

namespace flopmeter {

struct PlanReport {
  std::string model;
  std::vector<planner::Item> items;
  std::vector<planner::Candidate> candidates;  // ranked
  std::vector<std::string> changes;            // a line a machine
  planner::Target target;
  double activation_peak = 0;  // elements, of batch 1; 0: not known
  bool prices = false;
};

std::string plan_text(const PlanReport& report);
std::string plan_csv(const PlanReport& report);
std::string plan_json(const PlanReport& report);

/// Why the first candidate gives this node the time it does. Throws BadInput naming nodes when there
/// is none of that name.
std::string why_text(const PlanReport& report, const std::string& node);

}  // namespace flopmeter
