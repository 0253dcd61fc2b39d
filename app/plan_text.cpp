// What `flopmeter plan` prints for a reader.
#include <fmt/format.h>

#include <algorithm>

#include "app/plan.h"
#include "app/plan_check_output.h"
#include "app/plan_words.h"
#include "results/cell.h"
#include "results/inference_text.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using planner::Candidate;
using planner::Prediction;

std::string bound_text(const Prediction& p) {
  const double share = std::max({p.compute, p.memory, p.overhead});
  return fmt::format("{} {:.0f} %", p.bound, 100 * share);
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
      {fmt::format("{:.1f}", counted_per_second(report, c))},
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

/// What would help.
std::string advice(const PlanReport& report) {
  std::string text = needed_text(report);
  for (const std::string& change : report.changes) {
    text += fmt::format("  {}\n", change);
  }
  return text;
}

/// What the reader must know of the first answer, of a language model on the kernels that generate.
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
  return text;
}

/// The same of all else.
std::string network_remarks(const PlanReport& report) {
  const Candidate& first = report.candidates.front();
  const Prediction& p = first.prediction;
  std::string text = fmt::format(
      "\n  Predicted from the machine file without running it (docs/plan.md).\n  Intervals: {}. "
      "load: packing the weights, without reading the file.\n",
      intervals_text(report));
  text +=
      report.unfused.empty()
          ? ""
          : fmt::format("  not what runs fused, but the nodes of the file: {}\n", report.unfused);
  text += fmt::format("  Not in it: {}\n", left_out_text(report));
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
  return text;
}

}  // namespace

std::string plan_text(const PlanReport& report) {
  return fmt::format(
      "{}\n\n{}{}{}{}", report.model, report::to_text(candidate_table(report), 2),
      is_of_generation(report) ? generation_remarks(report) : network_remarks(report),
      advice(report), report.measured.empty() ? "" : check_text(report));
}

}  // namespace flopmeter
