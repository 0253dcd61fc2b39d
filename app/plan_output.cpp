// How `flopmeter plan` writes what it found.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/counts_json.h"
#include "app/network_rows.h"
#include "app/plan.h"
#include "app/plan_check_output.h"
#include "kernels/bad_input.h"
#include "results/cell.h"
#include "results/json.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using planner::Candidate;
using planner::Prediction;
using planner::Term;

bool has_target(const PlanReport& report) {
  return report.target.latency > 0 || report.target.throughput > 0;
}

std::string bound_text(const Prediction& p) {
  const double share = std::max({p.compute, p.memory, p.overhead});
  return fmt::format("{} {:.0f} %", p.bound, 100 * share);
}

/// Inferences are counted, of language models their tokens.
double counted_units(const PlanReport& report) {
  return static_cast<double>(std::max<std::int64_t>(report.tokens, 1));
}

double per_second(const PlanReport& report, const Candidate& c) {
  return c.per_second() * counted_units(report);
}

std::vector<report::Cell> candidate_cells(const PlanReport& report, const Candidate& c) {
  const Prediction& p = c.prediction;
  std::vector<report::Cell> cells{
      {c.machine.size() > 23 ? "..." + c.machine.substr(c.machine.size() - 20) : c.machine},
      {fmt::format("{}", c.threads)},
      {fmt::format("{}", c.batch)},
      {planner::type_name(c)},
      {(p.missing > 0 ? ">=" : "") + scaled_time(p.seconds)},
      {fmt::format("{} - {}", scaled_time(p.low), scaled_time(p.high))},
      {fmt::format("{:.1f}", per_second(report, c))},
      {fmt::format("{:.1f}", c.memory_bytes / 1e6)},
      {">=" + scaled_time(c.load_seconds)},
      {bound_text(p)}};
  if (has_target(report)) {
    cells.push_back({std::string(to_string(planner::meets(c, report.target)))});
  }
  if (report.prices) {
    cells.push_back({c.price_per_hour
                         ? fmt::format("{:.4g}", *c.per_million() / counted_units(report))
                         : "no price"});
    cells.push_back({c.price_per_hour && c.pareto ? "*" : ""});
  }
  return cells;
}

report::TextTable candidate_table(const PlanReport& report) {
  report::TextTable table{.columns = {{"machine"},
                                      {"threads", true},
                                      {"batch", true},
                                      {"dtype"},
                                      {"predicted", true},
                                      {"interval", true},
                                      {report.tokens > 0 ? "tokens/s" : "inferences/s", true},
                                      {"MB", true},
                                      {"load", true},
                                      {"bound"}}};
  if (has_target(report)) {
    table.columns.push_back({"meets"});
  }
  if (report.prices) {
    table.columns.push_back({report.tokens > 0 ? "cost/10^6 tokens" : "cost/10^6", true});
    table.columns.push_back({"Pareto"});
  }
  for (const Candidate& candidate : report.candidates) {
    table.rows.push_back(candidate_cells(report, candidate));
  }
  return table;
}

/// By how much what bounds the first answer would have to change.
std::string needed_text(const PlanReport& report) {
  const Candidate& first = report.candidates.front();
  if (!has_target(report) || planner::meets(first, report.target) != planner::Meets::no) {
    return "";
  }
  const auto factor = planner::needed_factor(first, report.target);
  return factor ? fmt::format(
                      "  nothing meets the target: the first would if its {} were {:.2f} times as "
                      "fast\n",
                      first.prediction.bound, *factor)
                : fmt::format("  nothing meets the target, whatever the {} of the first\n",
                              first.prediction.bound);
}

/// Number types whose predictions were held against few runs or none.
std::string unproved_text(const PlanReport& report) {
  const auto has = [&](Dtype dtype) {
    return std::ranges::find(report.candidates, dtype, &Candidate::dtype) !=
           report.candidates.end();
  };
  if (!report.measured.empty()) {
    return "";
  }
  std::string text = has(Dtype::f16)
                         ? "predictions in f16 were not held against runs of networks, as those in "
                           "f32 and bf16 were (docs/plan_accuracy.md): --check does"
                         : "";
  if (has(Dtype::s8)) {
    text += text.empty() ? "" : "; ";
    text +=
        "predictions in s8 were held against runs of four networks on one machine alone "
        "(docs/plan_accuracy_isa.md): --check does it here";
  }
  return text;
}

/// What the intervals are.
std::string intervals_text(const PlanReport& report) {
  const Candidate& first = report.candidates.front();
  if (!first.parts.empty()) {
    return "a factor of 1.5 either way, which is chosen: how many runs would lie within is not "
           "known";
  }
  return fmt::format(
      "{:.0f} %, from what {} points of single nodes are off by when they are left out",
      100 * first.level, first.points);
}

/// The same of a language model on the kernels that generate.
std::string generation_remarks(const PlanReport& report) {
  const Candidate& first = report.candidates.front();
  std::string text = fmt::format(
      "\n  Predicted from the machine file without running it (docs/plan.md): fused nodes of model "
      "--time.\n  Intervals: {}.\n",
      intervals_text(report));
  if (first.prediction.outside > 0.005) {
    text += fmt::format(
        "  {:.0f} % of the first answer's time is of more or fewer rows, or keys, than were "
        "measured\n",
        100 * first.prediction.outside);
  }
  if (!report.in_caches.empty()) {
    text += fmt::format("  {}\n", report.in_caches);
  }
  text += needed_text(report);
  for (const std::string& change : report.changes) {
    text += fmt::format("  {}\n", change);
  }
  return text;
}

/// What the reader must know of the first answer.
std::string remarks(const PlanReport& report) {
  const Candidate& first = report.candidates.front();
  const Prediction& p = first.prediction;
  if (!first.parts.empty()) {
    return generation_remarks(report);
  }
  std::string text = fmt::format(
      "\n  Predicted from the machine file without running it (docs/plan.md).\n  Intervals: {}. "
      "load: packing the weights, without reading the file.\n",
      intervals_text(report));
  text +=
      report.unfused.empty()
          ? ""
          : fmt::format("  not what runs fused, but the nodes of the file: {}\n", report.unfused);
  if (const std::string inference = inference_text(report.dims); !inference.empty()) {
    text += fmt::format("  an inference is one{}\n", inference);
  }
  if (p.outside > 0.005) {
    text += fmt::format(
        "  {:.0f} % of the first answer's time is of shapes outside the points: the "
        "interval is wider by 1.1 an octave\n",
        100 * p.outside);
  }
  if (p.approximated > 0.005) {
    text += fmt::format(
        "  {:.0f} % of its time is of nodes that stand for others: --why NODE says "
        "which\n",
        100 * p.approximated);
  }
  for (const planner::Item& item : report.items.begin()->second.in_dtype.at(Dtype::f32)) {
    text += item.reason.empty() ? ""
                                : fmt::format("  not in it, so times are at least these: {}: {}\n",
                                              item.name, item.reason);
  }
  const std::string unproved = unproved_text(report);
  text += unproved.empty() ? "" : fmt::format("  {}\n", unproved);
  text += needed_text(report);
  for (const std::string& change : report.changes) {
    text += fmt::format("  {}\n", change);
  }
  return text;
}

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
    json["tokens_per_second"] = per_second(report, c);
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

std::string place_text(const Term& term) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < term.located.at.size(); ++i) {
    parts.push_back(fmt::format("{} {}", term.located.kind->axes[i], term.located.at[i]));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string point_text(const ProfilePoint& point) {
  return fmt::format("    near {} {}: {} with weights in memory, {} in the caches{}\n", point.layer,
                     point.shape, scaled_time(point.seconds), scaled_time(point.cache_seconds),
                     point.implementation.empty() ? "" : ", " + point.implementation);
}

std::string term_text(const Term& term) {
  const bool flops = term.located.kind->work == planner::Work::flops;
  std::string text = fmt::format(
      "  {} at {}: {}, {} times\n    roofline: {:.4g} {} {}, weights from memory {}, fixed {}; of "
      "it "
      "{:.1f} % are reached; bound: {}\n",
      term.located.kind->name, place_text(term), scaled_time(term.seconds()), term.times, term.work,
      flops ? "FLOPs" : "bytes", scaled_time(term.work_seconds),
      scaled_time(term.byte_seconds - term.spilled_seconds), scaled_time(term.fixed_seconds),
      100 * term.efficiency, term.bound());
  text += term.spilled_seconds > 0 ? fmt::format("    activations that no cache holds: {}\n",
                                                 scaled_time(term.spilled_seconds))
                                   : "";
  text += term.reading.base > 0
              ? fmt::format("    as its class costs by work, weights and activations: {}\n",
                            scaled_time(term.reading.base * term.times))
              : "";
  text +=
      term.reading.octaves_outside > 0
          ? fmt::format("    outside the points by {:.1f} octaves\n", term.reading.octaves_outside)
      : term.reading.from.empty() ? ""
                                  : "    inside the points\n";
  for (const ProfilePoint* point : term.reading.from) {
    text += point_text(*point);
  }
  return text + (term.remark.empty() ? "" : fmt::format("    {}\n", term.remark));
}

}  // namespace

std::string plan_text(const PlanReport& report) {
  return fmt::format("{}\n\n{}{}{}", report.model, report::to_text(candidate_table(report), 2),
                     remarks(report), report.measured.empty() ? "" : check_text(report));
}

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

/// Null where nothing was asked for.
static Json target_json(const planner::Target& target) {
  const auto known = [](double value) { return value > 0 ? Json(value) : Json(nullptr); };
  return {{"latency_seconds", known(target.latency)},
          {"inferences_per_second", known(target.throughput)}};
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
             {"unproved", unproved_text(report)}};
  if (!report.measured.empty()) {
    whole["check"] = check_summary_json(report);
  }
  return json_line(whole);
}

std::string why_text(const PlanReport& report, const std::string& node) {
  const Candidate& first = report.candidates.front();
  std::vector<std::string> names;
  for (const auto& [name, seconds] : first.parts) {
    if (name == node) {
      return fmt::format(
          "{}: {} of {} predicted on {}, {} threads, batch {}, {}\n  as such nodes take in the "
          "machine file for as many rows and keys, by their bytes or FLOPs\n",
          name, scaled_time(seconds), scaled_time(first.prediction.seconds), first.machine,
          first.threads, first.batch, planner::type_name(first));
    }
    names.push_back(name);
  }
  for (const planner::ItemPrediction& one : first.prediction.items) {
    const bool fused = std::ranges::find(one.item->fused, node) != one.item->fused.end();
    if (one.item->name != node && !fused) {
      names.push_back(one.item->name);
      continue;
    }
    std::string text =
        fmt::format("{}: {} of {} predicted on {}, {} threads, batch {}, {}\n", one.item->name,
                    scaled_time(one.seconds()), scaled_time(first.prediction.seconds),
                    first.machine, first.threads, first.batch, planner::type_name(first));
    text += one.item->fused.empty()
                ? ""
                : fmt::format("  with {}, done to its results\n", fmt::join(one.item->fused, ", "));
    for (const Term& term : one.terms) {
      text += term_text(term);
    }
    return text + (one.item->reason.empty() ? "" : fmt::format("  {}\n", one.item->reason));
  }
  names.resize(std::min<std::size_t>(names.size(), 5));
  bad_input("--why '{}': no such node takes time; the first that do: {}", node,
            fmt::join(names, ", "));
}

}  // namespace flopmeter
