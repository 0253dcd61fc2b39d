#include "app/model_time_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "app/network_rows.h"
#include "app/text.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

std::string backend_of(const TimedPart& row) {
  return row.part.reorder ? "" : fmt::format("{} {}", row.part.backend, to_string(row.part.dtype));
}

/// The end of a long text tells more than its beginning.
std::string fitted(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : "..." + text.substr(text.size() - width + 3);
}

bool has_alone(const TimedRun& run) {
  return std::ranges::any_of(run.parts, [](const TimedPart& row) { return row.alone.has_value(); });
}

/// By what the nodes together are faster alone, and why that can be.
std::string alone_text(const TimedRun& run) {
  double in_place = 0;
  double alone = 0;
  for (const TimedPart& row : run.parts) {
    in_place += row.alone ? row.seconds : 0;
    alone += row.alone.value_or(0);
  }
  return has_alone(run) ? fmt::format(
                              "  nodes {:.3f} ms in place, {:.3f} ms each alone and warm ({:+.1f} "
                              "%): weights and "
                              "activations that lie farther away, layouts\n",
                              in_place * 1e3, alone * 1e3, 100 * (in_place / alone - 1))
                        : "";
}

std::string layer_text(const TimedPart& row, const models::FusedNode& node) {
  return row.part.reorder ? "reorder"
         : node.after.empty()
             ? std::string(node.layer->name)
             : fmt::format("{} + {}", node.layer->name, fmt::join(node.after, " + "));
}

/// Where the time alone stands, if it was asked for.
constexpr std::ptrdiff_t behind_time = 4;

std::string milliseconds(double seconds) { return fmt::format("{:.4f}", seconds * 1e3); }

std::vector<report::Cell> cells_of(const TimedRun& run, const TimedPart& row,
                                   const models::FusedNode& node) {
  std::vector<report::Cell> cells{
      {fitted(row.part.name, 32)},
      {fitted(layer_text(row, node), 28)},
      {fitted(shape_of(row, node), 44)},
      {milliseconds(row.seconds)},
      {fmt::format("{:.1f}", 100 * row.seconds / run.whole_seconds)},
      {row.flops > 0 ? fmt::format("{:.1f}", gflops(row)) : ""},
      {row.part.reorder ? "" : fmt::format("{:.0f}", 100 * row.share_of_roof)},
      {row.bound},
      {backend_of(row)}};
  if (has_alone(run)) {
    cells.insert(cells.begin() + behind_time, {row.alone ? milliseconds(*row.alone) : ""});
  }
  return cells;
}

std::string rows_text(const TimedNetwork& timed, const TimedRun& run) {
  report::TextTable table{.columns = {{"node"},
                                      {"layer"},
                                      {"shape"},
                                      {"ms", true},
                                      {"% time", true},
                                      {"GFLOPS", true},
                                      {"% roof", true},
                                      {"bound"},
                                      {"backend"}}};
  if (has_alone(run)) {
    table.columns.insert(table.columns.begin() + behind_time, {"alone, ms", true});
  }
  for (const TimedPart& row : run.parts) {
    table.rows.push_back(cells_of(run, row, timed.chain.nodes[row.part.node]));
  }
  std::vector<report::Cell> clock{
      {"clock"},
      {fmt::format("{} readings", run.parts.size())},
      {},
      {milliseconds(run.clock_seconds)},
      {fmt::format("{:.1f}", 100 * run.clock_seconds / run.whole_seconds)},
      {}};
  if (has_alone(run)) {
    clock.insert(clock.begin() + behind_time, report::Cell{});
  }
  table.rows.push_back(std::move(clock));
  return report::to_text(table, 2);
}

std::string backends_text(const TimedRun& run) {
  report::TextTable table{.columns = {{"backend"}, {"ms", true}, {"% time", true}}};
  for (const auto& [name, seconds] : by_backend(run)) {
    table.rows.push_back({{name},
                          {fmt::format("{:.3f}", seconds * 1e3)},
                          {fmt::format("{:.1f}", 100 * seconds / run.whole_seconds)}});
  }
  return report::to_text(table, 2);
}

/// What the interval cannot know.
std::string short_span(const TimedRun& run) {
  constexpr double long_enough = 1;
  return run.span_seconds >= long_enough
             ? ""
             : fmt::format(" within {:.1f} s: what disturbs for longer is not in it",
                           run.span_seconds);
}

std::string run_text(const TimedNetwork& timed, const TimedRun& run) {
  const models::Latency& l = run.latency;
  std::string text = fmt::format(
      "{}, {}, {} thread{}\n"
      "  latency {:.3f} ms (median of {} runs, {:.3f} to {:.3f} by {} blocks of them{}), 90th "
      "percentile {:.3f}, 99th {:.3f}\n"
      "  throughput {:.1f} inferences a second{} (batch {}, mean of all runs {:.3f} ms)\n"
      "  prepared in {:.2f} s; {} bytes for all that is between nodes; {} bytes planned, "
      "{} "
      "more in memory; roofs {:.1f} GFLOPS, {:.1f} GB/s\n\n{}",
      timed.path, timed.dtype, run.threads, run.threads == 1 ? "" : "s", l.median * 1e3, l.runs,
      l.low * 1e3, l.high * 1e3, l.blocks, short_span(run), l.p90 * 1e3, l.p99 * 1e3,
      static_cast<double>(timed.batch) / l.mean, inference_text(timed.dims), timed.batch,
      l.mean * 1e3, run.prepare_seconds, grouped(static_cast<std::int64_t>(run.arena_bytes)),
      grouped(run.planned_bytes), grouped(run.resident_bytes), run.peak * 1e-9,
      run.bandwidth * 1e-9, rows_text(timed, run));
  text += fmt::format(
      "\n  sum of rows {:.3f} ms, {:.1f} % of the median: rows are means over the {} of {} runs "
      "around it\n",
      run.whole_seconds * 1e3, 100 * run.whole_seconds / l.median, run.rows_of, l.runs);
  text += alone_text(run);
  if (run.clock_seconds > 0.01 * run.whole_seconds) {
    text += "  reading the clock between such short rows takes more than 1 % of the latency\n";
  }
  if (std::ranges::any_of(run.parts,
                          [](const TimedPart& row) { return row.share_of_roof > 1.05; })) {
    text +=
        "  some rows are above their roof: others used the machine while it was measured, or a "
        "row's "
        "operands lie in caches\n";
  }
  text += company_text(run.other_cores);
  return text + "\n" + backends_text(run) + "\n";
}

std::string agreement_text(const ResultAgreement& one, int threads) {
  return fmt::format(
      "  {} on {} thread{}: {} {}, error {:.3g} of {:.3g} allowed, largest value {:.3g}{}\n",
      one.name, threads, threads == 1 ? "" : "s", one.agrees ? "agrees with" : "DISAGREES with",
      one.against, one.max_error, one.tolerance, one.largest, one.agrees ? "" : ": " + one.reason);
}

}  // namespace

bool TimedNetwork::agrees() const {
  return (!executed || executed->changed.empty()) &&
         std::ranges::all_of(agreement, [](const auto& results) {
           return std::ranges::all_of(results, &ResultAgreement::agrees);
         });
}

std::string timed_text(const TimedNetwork& timed) {
  std::string text;
  for (std::size_t i = 0; i < timed.runs.size(); ++i) {
    text += run_text(timed, timed.runs[i]);
    if (i < timed.agreement.size()) {
      for (const ResultAgreement& one : timed.agreement[i]) {
        text += agreement_text(one, timed.runs[i].threads);
      }
    }
  }
  text += timed.eight_bits ? eight_bit_text(*timed.eight_bits) : "";
  text += timed.executed ? executed_chain_text(*timed.executed, timed.chain) : "";
  text += timed.instances ? instances_text(*timed.instances, inference_text(timed.dims)) : "";
  for (const std::string& remark : timed.file.remarks) {
    text += fmt::format("  {}\n", remark);
  }
  return text;
}

}  // namespace flopmeter
