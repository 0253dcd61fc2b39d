// plan --check --shard i/n -o FILE: a part of the combinations, as rows of a result file.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "app/plan.h"
#include "bench/shard.h"

namespace flopmeter {

struct PlanShard {
  Shard shard;         // of the combinations, by their predicted times
  std::string output;  // a file of results that gets a row for each; empty: none
  bool resume = false;
};

void add_plan_shard_options(CLI::App& command, PlanShard& options);

/// Leaves the shard's part of the combinations in the report, without what the file has already, and measures it. Each row
/// is in the file before the next combination is measured. Throws BadInput.
void check_shard(PlanReport& report, double seconds, const PlanShard& options);

}  // namespace flopmeter
