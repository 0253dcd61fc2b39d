// What `flopmeter plan` says of all its answers, in words and units that text, JSON and CSV share.
#pragma once

#include <string>

#include "app/plan.h"

namespace flopmeter {

bool has_target(const PlanReport& report);

/// Whether it is of a language model on the kernels that generate.
bool is_of_generation(const PlanReport& report);

/// Inferences are counted, of language models their tokens.
double counted_units(const PlanReport& report);
double counted_per_second(const PlanReport& report, const planner::Candidate& c);

/// What the intervals are, of each kind of machine file.
std::string intervals_text(const PlanReport& report);

/// Number types whose predictions were held against few runs or none.
std::string unproved_text(const PlanReport& report);

/// What runs take that predictions do not hold; empty: nothing.
std::string left_out_text(const PlanReport& report);

}  // namespace flopmeter
