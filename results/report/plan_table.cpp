#include "results/report/plan_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "results/report/value_or.h"
#include "results/result_lines.h"

namespace flopmeter::report {
namespace {

std::optional<double> number_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || !found->is_number() ? std::nullopt
                                                    : std::optional(found->get<double>());
}

/// Of a language model, tokens are counted.
PlannedRun planned_run(const Json& json) {
  const Json& interval = json.at("interval_seconds");
  return {.machine = json.at("machine"),
          .dtype = json.at("dtype"),
          .bound = value_or<std::string>(json, "bound", ""),
          .meets = value_or<std::string>(json, "meets", ""),
          .threads = json.at("threads"),
          .batch = json.at("batch"),
          .seconds = json.at("predicted_seconds"),
          .low = interval.at(0),
          .high = interval.at(1),
          .level = value_or(json, "level", 0.0),
          .per_second =
              json.at(json.contains("tokens") ? "tokens_per_second" : "inferences_per_second"),
          .memory_bytes = json.at("memory_bytes"),
          .outside = json.at("share_outside_points"),
          .approximated = json.at("share_approximated"),
          .whole = json.at("whole"),
          .cost = number_at(
              json, json.contains("tokens") ? "cost_per_million_tokens" : "cost_per_million"),
          .measured = number_at(json, "measured_seconds"),
          .pareto = value_or(json, "pareto", false)};
}

}  // namespace

bool is_plan(const Json& json) { return json.is_object() && json.contains("plans"); }

PlanTable plan_table(const Json& json, std::string_view origin) {
  PlanTable plan;
  try {
    plan.model = value_or<std::string>(json, "model", "");
    for (const Json& one : json.at("plans")) {
      plan.runs.push_back(planned_run(one));
      plan.tokens = plan.tokens || one.contains("tokens");
    }
    if (plan.runs.empty()) {
      throw CannotRead(fmt::format("'{}' holds no combination", origin));
    }
    plan.unfused = json.at("unfused");
    plan.inference = json.at("inference");
    plan.intervals = json.at("intervals");
    plan.in_caches = json.at("in_caches");
    plan.unproved = json.at("unproved");
    plan.left_out = json.at("left_out");
    plan.changes = json.at("changes");
    for (const Json& one : json.at("not_predicted")) {
      plan.missing.push_back(fmt::format("{}: {}", one.at("name").get<std::string>(),
                                         one.at("reason").get<std::string>()));
    }
  } catch (const nlohmann::json::exception& error) {
    throw CannotRead(fmt::format("'{}' is not what plan --json prints: {}", origin, error.what()));
  }
  return plan;
}

std::vector<std::size_t> front_of(const std::vector<PlannedRun>& runs) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, {}, [&](std::size_t i) { return std::pair(runs[i].seconds, -runs[i].per_second); });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    if (front.empty() || runs[i].per_second > runs[front.back()].per_second) {
      front.push_back(i);
    }
  }
  return front;
}

}  // namespace flopmeter::report
