#include "results/report/network_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

#include "embedded/figures_js.h"
#include "results/cell.h"
#include "results/report/page.h"
#include "results/report/series.h"

namespace flopmeter::report {
namespace {

/// Rows of a kind together.
struct RowSum {
  std::size_t rows = 0;
  double seconds = 0, roof = 0, flops = 0;
};

std::map<std::string, RowSum> sums_by(const ChainTimes& run, auto key_of) {
  std::map<std::string, RowSum> sums;
  for (const ChainRow& row : run.rows) {
    RowSum& sum = sums[key_of(row)];
    ++sum.rows;
    sum.seconds += row.seconds;
    sum.roof += parts_of(row).roof;
    sum.flops += row.flops;
  }
  return sums;
}

std::vector<std::pair<std::string, RowSum>> largest_first(
    const std::map<std::string, RowSum>& sums) {
  std::vector<std::pair<std::string, RowSum>> sorted(sums.begin(), sums.end());
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](const auto& one) { return one.second.seconds; });
  return sorted;
}

std::string layer_of(const ChainRow& row) { return row.layer; }
std::string bound_of(const ChainRow& row) {
  return row.kind == "reorder" ? "reorders" : row.bound.empty() ? "not known" : row.bound;
}
std::string module_text(const ChainRow& row) {
  const std::vector<std::string> path = module_of(row.name);
  const auto depth = static_cast<std::ptrdiff_t>(std::min<std::size_t>(path.size(), 2));
  return !row.node()    ? row.kind + "s"
         : path.empty() ? "(top)"
                        : fmt::format("{}", fmt::join(path.begin(), path.begin() + depth, " / "));
}

std::string shares_text(const ChainTimes& run, const std::map<std::string, RowSum>& sums) {
  std::string text;
  std::size_t named = 0;
  for (const auto& [name, sum] : largest_first(sums)) {
    if (++named <= 4) {
      text += fmt::format("{}{} {} %", text.empty() ? "" : ", ", name,
                          significant(100 * sum.seconds / run.sum(), 3));
    }
  }
  return text;
}

/// Time that goes elsewhere than to the roof, as shares of it all.
std::string gap_text(const ChainTimes& run) {
  RowParts all;
  for (const ChainRow& row : run.rows) {
    const RowParts one = parts_of(row);
    all.kernel += one.kernel;
    all.place += one.place;
    all.overhead += one.overhead;
    all.layout += one.layout;
  }
  const auto share = [&](double seconds) { return significant(100 * seconds / run.sum(), 3); };
  return fmt::format("kernels {} %, in place {} %, overhead {} %, layout {} %", share(all.kernel),
                     share(all.place), share(all.overhead), share(all.layout));
}

double roof_of(const ChainTimes& run) {
  return std::accumulate(run.rows.begin(), run.rows.end(), 0.0,
                         [](double sum, const ChainRow& row) { return sum + parts_of(row).roof; });
}

std::vector<Finding> network_findings(const NetworkTimes& network) {
  const ChainTimes& run = network.runs.front();
  std::vector<Finding> found{
      {"latency", fmt::format("{} (median of {} runs)", scaled_time(run.latency), run.runs),
       fmt::format("95 % interval {} to {}, 90th percentile {}, 99th {}; {}, {}",
                   scaled_time(run.low), scaled_time(run.high), scaled_time(run.p90),
                   scaled_time(run.p99), run.label, network.dtype)},
      {"throughput", fmt::format("{} inferences a second", significant(run.per_second, 4)),
       run.inference.empty() ? "" : "an inference is one" + run.inference},
      {"time goes to", shares_text(run, sums_by(run, layer_of)), "layer types, of the sum of rows"},
      {"bound by", shares_text(run, sums_by(run, bound_of)), ""},
      {"at the roof",
       fmt::format("{} % of the time", significant(100 * roof_of(run) / run.sum(), 3)),
       gap_text(run)},
      {"results", network.agreement.empty() ? "not checked" : network.agreement,
       network.agreement.empty() ? "model --time --check holds them against the file's own graph"
                                 : ""}};
  return found;
}

TextTable sums_table(const ChainTimes& run, std::string id, std::string caption, const char* what,
                     const std::map<std::string, RowSum>& sums) {
  TextTable table{.id = std::move(id),
                  .caption = std::move(caption),
                  .columns = {{what},
                              {"rows", true},
                              {"time", true},
                              {"% of time", true},
                              {"GFLOPS", true},
                              {"% of roof", true}},
                  .rows = {}};
  for (const auto& [name, sum] : largest_first(sums)) {
    const bool rated = sum.flops > 0 && sum.seconds > 0;
    table.rows.push_back(
        {text_cell(name), count_cell(static_cast<std::int64_t>(sum.rows)), time_cell(sum.seconds),
         percent_cell(100 * sum.seconds / run.sum()),
         number_cell(rated ? std::optional(sum.flops / sum.seconds * 1e-9) : std::nullopt),
         percent_cell(sum.roof > 0 ? std::optional(100 * sum.roof / sum.seconds) : std::nullopt)});
  }
  return table;
}

Section where_section(const NetworkTimes& network) {
  const ChainTimes& run = network.runs.front();
  Section section{.id = "where",
                  .title = "Where the time goes",
                  .paragraphs = {},
                  .chart = "where",
                  .tables = {}};
  section.paragraphs.push_back(
      fmt::format("Means in place of the rows of a run; they add up to {}, where the median of "
                  "whole runs is {}. Rates count "
                  "the layer alone, exact and in-bounds, without what is fused to it.",
                  scaled_time(run.sum()), scaled_time(run.latency)));
  section.tables.push_back(sums_table(run, "layer-types", "By layer type, " + run.label, "layer",
                                      sums_by(run, layer_of)));
  return section;
}

Section modules_section(const NetworkTimes& network) {
  const ChainTimes& run = network.runs.front();
  Section section{
      .id = "modules", .title = "By module", .paragraphs = {}, .chart = "modules", .tables = {}};
  section.paragraphs.emplace_back(
      "Modules are what the names of nodes have before their last part.");
  section.tables.push_back(sums_table(run, "module-times", "By module, two levels, " + run.label,
                                      "module", sums_by(run, module_text)));
  return section;
}

Section roofline_of_nodes(const NetworkTimes& network) {
  const ChainTimes& run = network.runs.front();
  Section section{.id = "nodes-roofline",
                  .title = "Roofline of the nodes",
                  .paragraphs = {},
                  .chart = "nodes-roofline",
                  .tables = {}};
  section.paragraphs.push_back(
      fmt::format("Roofs were measured right before the runs: {} GFLOPS and {} GB/s of main memory "
                  "on {}. Intensity takes every "
                  "operand once, weights too.",
                  significant(run.peak * 1e-9, 4), significant(run.bandwidth * 1e-9, 4),
                  plural(static_cast<std::size_t>(run.threads), "thread")));
  return section;
}

Section gap_section(const NetworkTimes& network) {
  const ChainTimes& run = network.runs.front();
  const bool alone =
      std::ranges::any_of(run.rows, [](const ChainRow& row) { return row.alone.has_value(); });
  Section section{
      .id = "gap", .title = "Why it is not faster", .paragraphs = {}, .chart = "gap", .tables = {}};
  section.paragraphs.push_back(fmt::format(
      "At the roof: what each node needs at least, under peak and bandwidth, its weights read from "
      "main memory. "
      "Kernel: beyond that, fused operations included, as rates leave them out. In place: beyond "
      "the node alone and "
      "warm, so cold weights, activations that lie farther away and layouts that others left; {}. "
      "Overhead: nodes "
      "that are bound by the cost of a call, and reading the clock. Layout: reorders.",
      alone ? "a node that is no slower than alone has none"
            : "not known here, as model --time ran without --alone, so it stands in kernel"));
  if (alone) {
    double cold = 0;
    for (const ChainRow& row : run.rows) {
      cold += run.bandwidth > 0 ? std::min(parts_of(row).place, row.weights / run.bandwidth) : 0;
    }
    section.paragraphs.push_back(
        fmt::format("Of what is lost in place, reading weights at the measured bandwidth explains "
                    "{} at the most: an estimate, "
                    "not a measurement.",
                    scaled_time(cold)));
  }
  TextTable table{.id = "gaps",
                  .caption = "Nodes by what they take beyond their roof, " + run.label,
                  .columns = {{"node"},
                              {"layer"},
                              {"time", true},
                              {"at the roof", true},
                              {"kernel", true},
                              {"in place", true},
                              {"overhead", true},
                              {"layout", true},
                              {"bound"}},
                  .rows = {}};
  std::vector<const ChainRow*> rows;
  for (const ChainRow& row : run.rows) {
    rows.push_back(&row);
  }
  std::ranges::stable_sort(rows, std::ranges::greater{},
                           [](const ChainRow* row) { return row->seconds - parts_of(*row).roof; });
  for (const ChainRow* row : rows) {
    const RowParts parts = parts_of(*row);
    table.rows.push_back({text_cell(row->name), text_cell(row->layer), time_cell(row->seconds),
                          time_cell(parts.roof), time_cell(parts.kernel), time_cell(parts.place),
                          time_cell(parts.overhead), time_cell(parts.layout),
                          text_cell(row->bound)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section runs_section(const NetworkTimes& network) {
  Section section{.id = "runs", .title = "Runs", .paragraphs = {}, .chart = "", .tables = {}};
  TextTable table{.id = "run-times",
                  .caption = "Latency and throughput",
                  .columns = {{"threads", true},
                              {"batch", true},
                              {"sizes"},
                              {"median", true},
                              {"from", true},
                              {"to", true},
                              {"90th percentile", true},
                              {"99th percentile", true},
                              {"runs", true},
                              {"inferences/s", true},
                              {"between nodes", true},
                              {"more in memory", true}},
                  .rows = {}};
  for (const ChainTimes& run : network.runs) {
    table.rows.push_back(
        {count_cell(run.threads), count_cell(run.batch), text_cell(run.inference),
         time_cell(run.latency), time_cell(run.low), time_cell(run.high), time_cell(run.p90),
         time_cell(run.p99), count_cell(run.runs), number_cell(run.per_second),
         Cell{.text = significant(run.arena_bytes * 1e-6, 4) + " MB", .value = run.arena_bytes},
         Cell{.text = significant(run.resident_bytes * 1e-6, 4) + " MB",
              .value = run.resident_bytes}});
  }
  section.tables.push_back(std::move(table));
  section.paragraphs.emplace_back(
      "The interval holds the median in 95 of 100 cases. Between nodes: bytes of the arena for all "
      "that is neither "
      "weight nor result; more in memory: what the process had allocated in addition when the "
      "first run was "
      "over.");
  for (const std::string& remark : network.remarks) {
    section.paragraphs.push_back(remark);
  }
  if (network.random_weights) {
    section.paragraphs.emplace_back(
        "The file does not hold all weights: those that are missing were drawn from a seed.");
  }
  return section;
}

Section nodes_section(const NetworkTimes& network) {
  const ChainTimes& run = network.runs.front();
  Section section{.id = "nodes", .title = "All rows", .paragraphs = {}, .chart = "", .tables = {}};
  TextTable table{.id = "all-nodes",
                  .caption = "Rows in the order of a run, " + run.label,
                  .columns = {{"node"},
                              {"layer"},
                              {"shape"},
                              {"time", true},
                              {"alone, warm", true},
                              {"% of time", true},
                              {"GFLOPS", true},
                              {"% of roof", true},
                              {"bound"},
                              {"backend"},
                              {"dtype"},
                              {"implementation"},
                              {"fused"}},
                  .rows = {},
                  .searched = true};
  for (const ChainRow& row : run.rows) {
    table.rows.push_back(
        {text_cell(row.name), text_cell(row.layer), text_cell(row.shape), time_cell(row.seconds),
         time_cell(row.alone), percent_cell(100 * row.seconds / run.sum()),
         number_cell(row.flops > 0 ? std::optional(row.gflops()) : std::nullopt),
         percent_cell(row.node() ? std::optional(100 * row.share_of_roof) : std::nullopt),
         text_cell(row.bound), text_cell(row.backend), text_cell(row.dtype),
         text_cell(row.implementation), text_cell(fmt::format("{}", fmt::join(row.fused, ", ")))});
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

std::string network_page(const NetworkTimes& network) {
  return html_page(
      {.title = "flopmeter: " + std::filesystem::path(network.path).filename().string(),
       .first = fmt::format("<section id=\"first\" aria-label=\"In short\">\n{}</section>\n",
                            html_findings(network_findings(network))),
       .subtitle =
           fmt::format("{} in {}, {}, from flopmeter model --time; page by {}", network.path,
                       network.dtype, plural(network.runs.size(), "run"), made_by()),
       .sections = {where_section(network), gap_section(network), modules_section(network),
                    roofline_of_nodes(network), runs_section(network), nodes_section(network)},
       .data = {{"marks", series_marks()}, {"figures", network_figures(network)}},
       .script = embedded::figures_js()});
}

}  // namespace flopmeter::report
