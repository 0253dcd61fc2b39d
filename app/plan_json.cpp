// How `flopmeter plan` writes what it found for programs: JSON and CSV.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/counts_json.h"
#include "app/plan.h"
#include "app/plan_check_output.h"
#include "app/plan_words.h"
#include "results/inference_text.h"
#include "results/json.h"

namespace flopmeter {
namespace {

using planner::Candidate;
using planner::Prediction;

Json candidate_json(const PlanReport& report, std::size_t i) {
  const Candidate& c = report.candidates[i];
  const Prediction& p = c.prediction;
  Json json{{"machine", c.machine},
            {"threads", c.threads},
            {"batch", c.batch},
            {"dtype", planner::type_name(c)},
            {"predicted_seconds", p.seconds},
            {"interval_seconds", {p.low, p.high}},
            {"level", c.level > 0 ? Json(c.level) : Json(nullptr)},
            {"points", c.points},
            {"measured_seconds", nullptr},
            {"inferences_per_second", c.per_second()},
            {"memory_bytes", c.memory_bytes},
            {"load_seconds_at_least", c.load_seconds},
            {"bound", p.bound},
            {"shares", {{"compute", p.compute}, {"memory", p.memory}, {"overhead", p.overhead}}},
            {"share_outside_points", p.outside},
            {"share_approximated", p.approximated},
            {"whole", p.missing == 0},
            {"simple_rules_seconds",
             {{"operations_over_peak", c.rules.operations_over_peak},
              {"roofline", c.rules.roofline},
              {"bytes_over_bandwidth", c.rules.bytes_over_bandwidth}}}};
  if (report.tokens > 0) {
    json["tokens"] = report.tokens;
    json["tokens_per_second"] = counted_per_second(report, c);
  }
  if (has_target(report)) {
    json["meets"] = to_string(planner::meets(c, report.target));
    const auto factor = planner::needed_factor(c, report.target);
    json["bound_must_be_faster"] = json_or_null(factor);
  }
  if (c.price_per_hour) {
    json["cost_per_million"] = *c.per_million();
    if (report.tokens > 0) {
      json["cost_per_million_tokens"] = *c.per_million() / counted_units(report);
    }
    json["pareto"] = c.pareto;
  }
  if (!report.measured.empty()) {
    json.update(check_json(c, report.measured[i]), true);
  }
  return json;
}

/// Null where nothing was asked for.
Json target_json(const planner::Target& target) {
  const auto known = [](double value) { return value > 0 ? Json(value) : Json(nullptr); };
  return {{"latency_seconds", known(target.latency)},
          {"inferences_per_second", known(target.throughput)}};
}

}  // namespace

std::string plan_csv(const PlanReport& report) {
  std::string text =
      "machine,threads,batch,dtype,predicted_seconds,low_seconds,high_seconds,inferences_per_"
      "second,"
      "memory_bytes,load_seconds_at_least,bound,share_outside_points,whole,meets,cost_per_million,"
      "pareto\n";
  for (const Candidate& c : report.candidates) {
    const Prediction& p = c.prediction;
    text +=
        fmt::format("\"{}\",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", c.machine, c.threads,
                    c.batch, planner::type_name(c), p.seconds, p.low, p.high, c.per_second(),
                    c.memory_bytes, c.load_seconds, p.bound, p.outside, p.missing == 0,
                    has_target(report) ? to_string(planner::meets(c, report.target)) : "",
                    c.price_per_hour ? fmt::format("{}", *c.per_million()) : "",
                    c.price_per_hour ? fmt::format("{}", c.pareto) : "");
  }
  return text;
}

std::string plan_json(const PlanReport& report) {
  Json plans = Json::array();
  for (std::size_t i = 0; i < report.candidates.size(); ++i) {
    plans.push_back(candidate_json(report, i));
  }
  Json missing = Json::array();
  for (const planner::Item& item : report.items.begin()->second.in_dtype.at(Dtype::f32)) {
    if (!item.reason.empty()) {
      missing.push_back({{"name", item.name}, {"reason", item.reason}});
    }
  }
  Json whole{{"model", report.model},
             {"target", target_json(report.target)},
             {"plans", plans},
             {"changes", report.changes},
             {"not_predicted", missing},
             {"unfused", report.unfused},
             {"in_caches", report.in_caches},
             {"inference", inference_text(report.dims)},
             {"intervals", intervals_text(report)},
             {"unproved", unproved_text(report)},
             {"left_out", left_out_text(report)}};
  if (!report.measured.empty()) {
    whole["check"] = check_summary_json(report);
  }
  return json_line(whole);
}

}  // namespace flopmeter
