#include "results/report/plan_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "embedded/figures_js.h"
#include "results/cell.h"
#include "results/report/page.h"
#include "results/report/series.h"

namespace flopmeter::report {
namespace {

constexpr double in_ms = 1e3;
constexpr std::size_t most_planned_bars = 120;

std::string run_name(const PlannedRun& run) {
  const std::size_t slash = run.machine.rfind('/');
  return fmt::format("{}, {}, batch {}, {}",
                     slash == std::string::npos ? run.machine : run.machine.substr(slash + 1),
                     plural(static_cast<std::size_t>(run.threads), "thread"), run.batch, run.dtype);
}

std::string time_text(const PlannedRun& run) {
  return (run.whole ? "" : "at least ") + scaled_time(run.seconds);
}

std::string rate_text(const PlanTable& plan, const PlannedRun& run) {
  return fmt::format("{} {} a second", significant(run.per_second, 4), plan.counted());
}

std::string interval_text(const PlannedRun& run) {
  return fmt::format("{}{} to {}",
                     run.level > 0 ? significant(100 * run.level, 3) + " % interval " : "",
                     scaled_time(run.low), scaled_time(run.high));
}

std::vector<std::string> run_lines(const PlanTable& plan, const PlannedRun& run) {
  std::vector<std::string> lines{
      run_name(run), fmt::format("predicted {} a batch, {}", time_text(run), interval_text(run)),
      fmt::format("{}, {} MB, bound: {}", rate_text(plan, run),
                  significant(run.memory_bytes * 1e-6, 4), run.bound)};
  if (run.measured) {
    lines.push_back(fmt::format("measured {}: prediction {:+.1f} %", scaled_time(*run.measured),
                                100 * (run.seconds / *run.measured - 1)));
  }
  if (run.cost) {
    lines.push_back(fmt::format("{} for a million {}, in the unit of the price",
                                significant(*run.cost, 4), plan.counted()));
  }
  if (!run.meets.empty()) {
    lines.push_back("meets the target: " + run.meets);
  }
  if (run.outside > 0.005 || run.approximated > 0.005) {
    lines.push_back(
        fmt::format("of the time {} % is outside the points, {} % stands for other nodes",
                    significant(100 * run.outside, 2), significant(100 * run.approximated, 2)));
  }
  return lines;
}

std::vector<std::string> machines_of(const PlanTable& plan) {
  std::vector<std::string> names;
  for (const PlannedRun& run : plan.runs) {
    if (std::ranges::find(names, run.machine) == names.end()) {
      names.push_back(run.machine);
    }
  }
  return names;
}

Json mark_of(const PlanTable& plan, const PlannedRun& run) {
  const auto names = machines_of(plan);
  return {{"series", std::ranges::find(names, run.machine) - names.begin()},
          {"hollow", run.meets == "no"},
          {"lines", run_lines(plan, run)}};
}

Json machine_keys(const PlanTable& plan) {
  Json keys = Json::array();
  const auto names = machines_of(plan);
  for (std::size_t i = 0; i < names.size(); ++i) {
    keys.push_back({{"name", names[i]}, {"series", i}});
  }
  return keys;
}

std::string caption_of(const PlanTable& plan) {
  const bool targets =
      std::ranges::any_of(plan.runs, [](const PlannedRun& run) { return !run.meets.empty(); });
  return fmt::format("lines through marks: intervals{}",
                     targets ? "; hollow: does not meet the target" : "");
}

Json front_path(const PlanTable& plan, const std::vector<std::size_t>& front, auto y_of) {
  Json points = Json::array();
  for (const std::size_t i : front) {
    points.push_back({in_ms * plan.runs[i].seconds, y_of(plan.runs[i])});
  }
  return {{"class", "front"}, {"text", "Pareto front"}, {"name", ""}, {"points", points}};
}

Json front_figure(const PlanTable& plan, const std::vector<std::size_t>& front, std::string label,
                  auto y_of) {
  Json points = Json::array();
  for (const PlannedRun& run : plan.runs) {
    Json point = mark_of(plan, run);
    point["x"] = in_ms * run.seconds;
    point["low"] = in_ms * run.low;
    point["high"] = in_ms * run.high;
    point["y"] = y_of(run);
    points.push_back(std::move(point));
  }
  return {{"kind", "scatter"},
          {"x", {{"label", "predicted time of a batch, ms"}, {"log", true}}},
          {"y", {{"label", std::move(label)}, {"log", true}}},
          {"points", points},
          {"paths", Json::array({front_path(plan, front, y_of)})},
          {"keys", machine_keys(plan)},
          {"caption", caption_of(plan)}};
}

Json bars_figure(const PlanTable& plan) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < std::min(most_planned_bars, plan.runs.size()); ++i) {
    const PlannedRun& run = plan.runs[i];
    Json row = mark_of(plan, run);
    row["name"] = run_name(run);
    row["value"] = in_ms * run.seconds;
    row["low"] = in_ms * run.low;
    row["high"] = in_ms * run.high;
    row["text"] = time_text(run);
    rows.push_back(std::move(row));
  }
  return {{"kind", "bars"},
          {"x", "predicted time of a batch, ms"},
          {"rows", rows},
          {"keys", machine_keys(plan)},
          {"caption", caption_of(plan)}};
}

bool has_cost(const PlanTable& plan) {
  return std::ranges::all_of(plan.runs, [](const PlannedRun& run) { return run.cost.has_value(); });
}

std::vector<std::size_t> cost_front(const PlanTable& plan) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    if (plan.runs[i].pareto) {
      front.push_back(i);
    }
  }
  std::ranges::sort(front, {}, [&](std::size_t i) { return plan.runs[i].seconds; });
  return front;
}

Finding best(const PlanTable& plan, std::string topic, auto better, auto text_of) {
  const PlannedRun* found = nullptr;
  for (const PlannedRun& run : plan.runs) {
    if (run.meets != "no" && (found == nullptr || better(run, *found))) {
      found = &run;
    }
  }
  return found == nullptr ? Finding{std::move(topic), "none meets the target", ""}
                          : Finding{std::move(topic), text_of(*found), run_name(*found)};
}

std::vector<Finding> plan_findings(const PlanTable& plan) {
  const PlannedRun& first = plan.runs.front();
  std::vector<Finding> found{
      {"the pick",
       first.meets == "no" ? "none meets the target; the first: " + run_name(first)
                           : run_name(first),
       fmt::format("{} a batch, {} to {}, {}", time_text(first), scaled_time(first.low),
                   scaled_time(first.high), rate_text(plan, first))},
      best(
          plan, "fastest",
          [](const PlannedRun& a, const PlannedRun& b) { return a.seconds < b.seconds; },
          [](const PlannedRun& run) { return time_text(run) + " a batch"; }),
      best(
          plan, "most",
          [](const PlannedRun& a, const PlannedRun& b) { return a.per_second > b.per_second; },
          [&](const PlannedRun& run) { return rate_text(plan, run); })};
  if (!plan.inference.empty()) {
    found.push_back({"an inference", "is one" + plan.inference, ""});
  }
  if (has_cost(plan)) {
    found.push_back(best(
        plan, "cheapest",
        [](const PlannedRun& a, const PlannedRun& b) { return *a.cost < *b.cost; },
        [&](const PlannedRun& run) {
          return fmt::format("{} for a million {}", significant(*run.cost, 4), plan.counted());
        }));
  }
  found.push_back({"intervals", plan.intervals, plan.unproved});
  return found;
}

Section front_section(const PlanTable& plan) {
  Section section{.id = "front",
                  .title = "Latency against throughput",
                  .paragraphs = {},
                  .chart = "front",
                  .tables = {}};
  section.paragraphs.push_back(fmt::format(
      "Each mark is a combination of machine, threads, batch and number type. The dashed line is "
      "the Pareto front: no other combination is predicted to be both faster a batch and to do "
      "more {} a second. Nothing was run but where a measured time is given.",
      plan.counted()));
  return section;
}

Section cost_section(const PlanTable& plan) {
  return {.id = "cost",
          .title = "Latency against cost",
          .paragraphs = {fmt::format(
              "Cost of a million {} on a machine that does nothing else, in the unit of the price "
              "that was given for an hour. The dashed line is the Pareto front of time and cost.",
              plan.counted())},
          .chart = "cost",
          .tables = {}};
}

Section combinations_section(const PlanTable& plan) {
  Section section{.id = "combinations",
                  .title = "All combinations",
                  .paragraphs = {},
                  .chart = "combinations",
                  .tables = {}};
  if (plan.runs.size() > most_planned_bars) {
    section.paragraphs.push_back(
        fmt::format("The first {} of {} combinations have a bar; the "
                    "table has them all.",
                    most_planned_bars, plan.runs.size()));
  }
  TextTable table{.id = "plans",
                  .caption = "Combinations, ranked",
                  .columns = {{"machine"},
                              {"threads", true},
                              {"batch", true},
                              {"dtype"},
                              {"predicted", true},
                              {"from", true},
                              {"to", true},
                              {"measured", true},
                              {plan.counted() + "/s", true},
                              {"memory", true},
                              {"cost/10^6 " + plan.counted(), true},
                              {"meets"},
                              {"bound"},
                              {"outside points", true}},
                  .rows = {},
                  .searched = true};
  for (const PlannedRun& run : plan.runs) {
    table.rows.push_back(
        {text_cell(run.machine), count_cell(run.threads), count_cell(run.batch),
         text_cell(run.dtype), Cell{.text = time_text(run), .value = run.seconds},
         time_cell(run.low), time_cell(run.high), time_cell(run.measured),
         number_cell(run.per_second),
         Cell{.text = significant(run.memory_bytes * 1e-6, 4) + " MB", .value = run.memory_bytes},
         number_cell(run.cost), text_cell(run.meets.empty() ? "-" : run.meets),
         text_cell(run.bound), percent_cell(100 * run.outside)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section remarks_section(const PlanTable& plan) {
  Section section{.id = "remarks", .title = "Remarks", .paragraphs = {}, .chart = "", .tables = {}};
  if (!plan.unfused.empty()) {
    section.paragraphs.push_back("Not what runs fused, but the nodes of the file: " + plan.unfused);
  }
  if (!plan.left_out.empty()) {
    section.paragraphs.push_back("Not in it: " + plan.left_out);
  }
  if (!plan.in_caches.empty()) {
    section.paragraphs.push_back(plan.in_caches);
  }
  for (const std::string& change : plan.changes) {
    section.paragraphs.push_back(change);
  }
  for (const std::string& what : plan.missing) {
    section.paragraphs.push_back("Not in it, so times are at least these: " + what);
  }
  if (section.paragraphs.empty()) {
    section.paragraphs.emplace_back("None.");
  }
  return section;
}

}  // namespace

std::string plan_page(const PlanTable& plan) {
  Json figures{{"front", front_figure(plan, front_of(plan.runs), plan.counted() + " a second",
                                      [](const PlannedRun& run) { return run.per_second; })},
               {"combinations", bars_figure(plan)}};
  std::vector<Section> sections{front_section(plan), combinations_section(plan),
                                remarks_section(plan)};
  if (has_cost(plan)) {
    figures["cost"] = front_figure(plan, cost_front(plan), "cost of 10^6 " + plan.counted(),
                                   [](const PlannedRun& run) { return *run.cost; });
    sections.insert(sections.begin() + 1, cost_section(plan));
  }
  return html_page(
      {.title = "flopmeter plan: " + std::filesystem::path(plan.model).filename().string(),
       .first = fmt::format("<section id=\"first\" aria-label=\"In short\">\n{}</section>\n",
                            html_findings(plan_findings(plan))),
       .subtitle = fmt::format("{} of {}, predicted by flopmeter plan; page by {}",
                               plural(plan.runs.size(), "combination"), plan.model, made_by()),
       .sections = std::move(sections),
       .data = {{"marks", series_marks()}, {"figures", figures}},
       .script = embedded::figures_js()});
}

}  // namespace flopmeter::report
