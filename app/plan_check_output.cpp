#include "app/plan_check_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/counts_json.h"
#include "app/network_rows.h"
#include "models/plan/check.h"
#include "results/cell.h"
#include "results/json.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using planner::Candidate;
using planner::PredictedMeasured;

bool is_inside(const Candidate& c, const PlanMeasured& m) {
  return m.latency.median >= c.prediction.low && m.latency.median <= c.prediction.high;
}

/// What each rule says of a candidate, the planner first.
struct Rule {
  std::string_view key, title;
  double (*seconds)(const Candidate&, const PlanMeasured&);
};

constexpr std::array check_rules{
    Rule{"planner", "this planner",
         [](const Candidate& c, const PlanMeasured&) { return c.prediction.seconds; }},
    Rule{"planner_times_drift", "this planner, times drift",
         [](const Candidate& c, const PlanMeasured& m) {
           return c.prediction.seconds * m.drift.value_or(1);
         }},
    Rule{"operations_over_peak", "operations / peak",
         [](const Candidate& c, const PlanMeasured&) { return c.rules.operations_over_peak; }},
    Rule{"roofline", "roofline, efficiency 1",
         [](const Candidate& c, const PlanMeasured&) { return c.rules.roofline; }},
    Rule{"bytes_over_bandwidth", "bytes / bandwidth",
         [](const Candidate& c, const PlanMeasured&) { return c.rules.bytes_over_bandwidth; }},
    Rule{"sum_of_warm_layers", "sum of warm layers (measured)",
         [](const Candidate&, const PlanMeasured& m) { return m.sum_alone; }},
};

/// Nodes of language models are not timed alone.
std::vector<Rule> rules_of(const PlanReport& report) {
  std::vector<Rule> rules(check_rules.begin(), check_rules.end());
  if (report.measured.front().sum_alone == 0) {
    std::erase_if(rules, [](const Rule& rule) { return rule.key == "sum_of_warm_layers"; });
  }
  return rules;
}

std::vector<PredictedMeasured> pairs_of(const PlanReport& report, const Rule& rule) {
  std::vector<PredictedMeasured> pairs;
  for (std::size_t i = 0; i < report.candidates.size(); ++i) {
    pairs.push_back({rule.seconds(report.candidates[i], report.measured[i]),
                     report.measured[i].latency.median});
  }
  return pairs;
}

double coverage(const PlanReport& report) {
  double inside = 0;
  for (std::size_t i = 0; i < report.candidates.size(); ++i) {
    inside += is_inside(report.candidates[i], report.measured[i]) ? 1 : 0;
  }
  return inside / static_cast<double>(report.candidates.size());
}

std::vector<PredictedMeasured> node_pairs(const PlanMeasured& measured) {
  std::vector<PredictedMeasured> pairs;
  for (const NodeMeasured& node : measured.nodes) {
    if (node.predicted > 0 && node.measured > 0) {
      pairs.push_back({node.predicted, node.measured});
    }
  }
  return pairs;
}

std::string percent_text(double share, int digits = 1) {
  return fmt::format("{:.{}f} %", 100 * share, digits);
}

std::string signed_percent(double share) { return fmt::format("{:+.1f} %", 100 * share); }

std::vector<report::Cell> plan_cells(const Candidate& c, const PlanMeasured& m) {
  const auto nodes = planner::summary_of(node_pairs(m));
  return {{fmt::format("{}", c.threads)},
          {fmt::format("{}", c.batch)},
          {planner::type_name(c)},
          report::time_cell(c.prediction.seconds),
          report::time_cell(m.latency.median),
          {signed_percent(planner::signed_error(c.prediction.seconds, m.latency.median))},
          {is_inside(c, m) ? "inside" : "OUTSIDE"},
          {m.drift ? fmt::format("{:.2f}", *m.drift) : "unknown"},
          {percent_text(nodes.median)},
          {percent_text(nodes.p95)}};
}

std::string plans_table(const PlanReport& report) {
  report::TextTable table{.columns = {{"threads", true},
                                      {"batch", true},
                                      {"dtype"},
                                      {"predicted", true},
                                      {"measured", true},
                                      {"error", true},
                                      {"interval"},
                                      {"drift", true},
                                      {"nodes, median", true},
                                      {"nodes, p95", true}}};
  for (std::size_t i = 0; i < report.candidates.size(); ++i) {
    table.rows.push_back(plan_cells(report.candidates[i], report.measured[i]));
  }
  return report::to_text(table, 2);
}

std::string rules_table(const PlanReport& report) {
  report::TextTable table{.columns = {{"rule, absolute errors"},
                                      {"median", true},
                                      {"p95", true},
                                      {"worst", true},
                                      {"mean, signed", true}}};
  for (const Rule& rule : rules_of(report)) {
    const auto s = planner::summary_of(pairs_of(report, rule));
    table.rows.push_back({{std::string(rule.title)},
                          {percent_text(s.median)},
                          {percent_text(s.p95)},
                          {percent_text(s.worst)},
                          {signed_percent(s.mean_signed)}});
  }
  return report::to_text(table, 2);
}

/// The nodes whose errors weigh most in the first answer.
std::string worst_nodes(const PlanMeasured& m) {
  constexpr std::size_t shown = 10;
  std::vector<NodeMeasured> nodes = m.nodes;
  std::ranges::stable_sort(nodes, std::ranges::greater(), [](const NodeMeasured& node) {
    return std::abs(node.predicted - node.measured);
  });
  report::TextTable table{.columns = {{"of the first, most wrong"},
                                      {"predicted", true},
                                      {"measured", true},
                                      {"alone, warm", true},
                                      {"error", true}}};
  for (const NodeMeasured& node : std::span(nodes).first(std::min(shown, nodes.size()))) {
    table.rows.push_back(
        {{node.name},
         report::time_cell(node.predicted),
         report::time_cell(node.measured),
         report::time_cell(node.alone),
         {node.measured > 0 ? signed_percent(planner::signed_error(node.predicted, node.measured))
                            : ""}});
  }
  return "\n" + report::to_text(table, 2);
}

Json summary_json(const planner::ErrorSummary& s) {
  return {{"count", s.count},
          {"median_absolute_error", s.median},
          {"p95_absolute_error", s.p95},
          {"worst_absolute_error", s.worst},
          {"mean_signed_error", s.mean_signed}};
}

/// Cores that worked for other processes during the run that had most of them.
std::optional<double> most_company(const PlanReport& report) {
  return std::ranges::max_element(report.measured, {}, &PlanMeasured::other_cores)->other_cores;
}

}  // namespace

Record checked_row(const std::string& model, const Candidate& c, const PlanMeasured& m) {
  NetworkMeasured row{.latency = m.latency, .other_cores = m.other_cores};
  row.note = fmt::format("predicted {} ({} to {})", scaled_time(c.prediction.seconds),
                         scaled_time(c.prediction.low), scaled_time(c.prediction.high));
  row.command =
      fmt::format("flopmeter plan {} --machine {} --threads {} --batch {} --dtype {} --check",
                  model, c.machine, c.threads, c.batch, planner::type_name(c));
  return network_record(
      {.path = model, .dtype = planner::type_name(c), .batch = c.batch, .threads = c.threads}, row);
}

/// "90 %"; without a level, intervals are of a width that was chosen.
std::string level_text(double level) {
  return level > 0 ? percent_text(level, 0) : "a chosen width";
}

bool within_intervals(const PlanReport& report) { return coverage(report) == 1; }

std::string check_text(const PlanReport& report) {
  return fmt::format(
      "\n  measured here: medians of whole runs; errors are predicted / measured - 1\n"
      "  drift: what points of the machine file take before and after the run, now / then, their "
      "mean\n"
      "{}{}\n{}  {} of the measured times lie within their intervals of {}\n{}",
      plans_table(report), company_text(most_company(report)), rules_table(report),
      percent_text(coverage(report), 0), level_text(report.candidates.front().level),
      worst_nodes(report.measured.front()));
}

Json check_json(const Candidate& c, const PlanMeasured& m) {
  Json nodes = Json::array();
  for (const NodeMeasured& node : m.nodes) {
    Json one{{"name", node.name},
             {"predicted_seconds", node.predicted},
             {"measured_seconds", node.measured},
             {"alone_warm_seconds", node.alone > 0 ? Json(node.alone) : Json(nullptr)},
             {"error", nullptr}};
    if (node.measured > 0) {
      one["error"] = planner::signed_error(node.predicted, node.measured);
    }
    nodes.push_back(std::move(one));
  }
  Json rules = Json::object();
  Json errors = Json::object();
  std::optional<double> error_times_drift;
  if (m.drift) {
    error_times_drift = planner::signed_error(c.prediction.seconds * *m.drift, m.latency.median);
  }
  for (const Rule& rule : check_rules) {
    const double seconds = rule.seconds(c, m);
    if (seconds > 0 && !rule.key.starts_with("planner")) {
      rules[std::string(rule.key)] = seconds;
      errors[std::string(rule.key)] = planner::signed_error(seconds, m.latency.median);
    }
  }
  return {{"measured_seconds", m.latency.median},
          {"measured_interval_seconds", {m.latency.low, m.latency.high}},
          {"runs", m.latency.runs},
          {"drift", json_or_null(m.drift)},
          {"other_cores", json_or_null(m.other_cores)},
          {"drift_before", json_or_null(m.drift_before)},
          {"drift_after", json_or_null(m.drift_after)},
          {"error_times_drift", json_or_null(error_times_drift)},
          {"error", planner::signed_error(c.prediction.seconds, m.latency.median)},
          {"inside_interval", is_inside(c, m)},
          {"simple_rules_seconds", rules},
          {"simple_rules_errors", errors},
          {"nodes", nodes}};
}

Json check_summary_json(const PlanReport& report) {
  Json rules = Json::object();
  for (const Rule& rule : rules_of(report)) {
    rules[std::string(rule.key)] = summary_json(planner::summary_of(pairs_of(report, rule)));
  }
  const auto pairs = pairs_of(report, check_rules.front());
  Json whole{{"coverage", coverage(report)}, {"rules", rules}, {"regret", planner::regret(pairs)}};
  const auto tau = planner::kendall_tau(pairs);
  whole["kendall_tau"] = json_or_null(tau);
  return whole;
}

}  // namespace flopmeter
