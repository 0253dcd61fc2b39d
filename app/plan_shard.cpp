#include "app/plan_shard.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "app/network_rows.h"
#include "app/plan_check.h"
#include "app/plan_check_output.h"
#include "app/sharding.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

NetworkCase network_case(const std::string& model, const planner::Candidate& candidate) {
  return {.path = model,
          .dtype = planner::type_name(candidate),
          .batch = candidate.batch,
          .threads = candidate.threads};
}

}  // namespace

void add_plan_shard_options(CLI::App& command, PlanShard& options) {
  add_shard_option(command, options.shard);
  command.add_option("-o,--output", options.output,
                     "with --check: a file of results that gets a row for each combination");
  command.add_flag("--resume", options.resume,
                   "with -o: go on with the file, without what it has already");
}

void check_shard(PlanReport& report, double seconds, const PlanShard& options) {
  if (options.resume && options.output.empty()) {
    bad_input("--resume goes on with a file of results: name it with -o");
  }
  report.candidates = shard_of(report.candidates, options.shard,
                               [](const auto& candidate) { return candidate.prediction.seconds; });
  std::optional<NetworkResults> results;
  if (!options.output.empty()) {
    std::vector<NetworkCase> cases;
    std::ranges::transform(report.candidates, std::back_inserter(cases),
                           [&](const auto& one) { return network_case(report.model, one); });
    results.emplace(options.output, options.resume, options.shard, cases);
    std::erase_if(report.candidates, [&](const auto& one) {
      return results->answered(network_case(report.model, one));
    });
  }
  if (report.candidates.empty()) {
    bad_input("--shard, --resume: no combination is left to measure here");
  }
  check_plans(report, seconds, [&](const auto& candidate, const PlanMeasured& measured) {
    if (results) {
      results->append(checked_row(report.model, candidate, measured));
    }
  });
}

}  // namespace flopmeter
