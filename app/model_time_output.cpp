#include "app/model_time_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "app/run_json.h"
#include "app/text.h"

namespace flopmeter {
namespace {

using nlohmann::json;

double gflops(const TimedPart& row) { return row.flops / row.seconds * 1e-9; }

/// Seconds by backend, and by number type where there are several; the reorders and the clock apart.
std::map<std::string, double> by_backend(const TimedRun& run) {
  std::map<std::string, double> sums;
  const bool several = std::ranges::any_of(
      run.parts, [](const TimedPart& row) { return row.part.dtype != Dtype::f32; });
  for (const TimedPart& row : run.parts) {
    const std::string name = several
                                 ? fmt::format("{} {}", row.part.backend, to_string(row.part.dtype))
                                 : row.part.backend;
    sums[row.part.reorder ? "reorders" : name] += row.seconds;
  }
  sums["clock"] = run.clock_seconds;
  return sums;
}

std::string shape_of(const TimedPart& row, const models::FusedNode& node) {
  return row.part.reorder ? row.part.implementation : node.layer->print(node.shape);
}

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

/// A column only where it was asked for.
std::string alone_cell(const TimedRun& run, const TimedPart& row) {
  return !has_alone(run) ? ""
         : row.alone     ? fmt::format("  {:>10.4f}", *row.alone * 1e3)
                         : fmt::format("  {:>10}", "");
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

std::string row_text(const TimedRun& run, const TimedPart& row, const models::FusedNode& node) {
  const std::string layer =
      row.part.reorder
          ? "reorder"
          : fmt::format(
                "{}{}", node.layer->name,
                node.after.empty() ? "" : fmt::format(" + {}", fmt::join(node.after, " + ")));
  const std::string rate = row.flops > 0 ? fmt::format("{:.1f}", gflops(row)) : "";
  return fmt::format("  {:<32}  {:<28}  {:<44}  {:>10.4f}{}  {:>6.1f}  {:>8}  {:>6}  {:<8}  {}\n",
                     fitted(row.part.name, 32), fitted(layer, 28), fitted(shape_of(row, node), 44),
                     row.seconds * 1e3, alone_cell(run, row), 100 * row.seconds / run.whole_seconds,
                     rate, row.part.reorder ? "" : fmt::format("{:.0f}", 100 * row.share_of_roof),
                     row.bound, backend_of(row));
}

std::string run_text(const TimedNetwork& timed, const TimedRun& run) {
  const models::Latency& l = run.latency;
  std::string text = fmt::format(
      "{}, {}, {} thread{}\n"
      "  latency {:.3f} ms (median of {} runs, 95 % interval {:.3f} to {:.3f}), 90th percentile "
      "{:.3f}, 99th {:.3f}\n"
      "  throughput {:.1f} inferences a second (batch {}, mean of all runs {:.3f} ms)\n"
      "  prepared in {:.2f} s; {} bytes for all that is between nodes; {} bytes planned, "
      "{} "
      "more in memory; roofs {:.1f} GFLOPS, {:.1f} GB/s\n\n"
      "  {:<32}  {:<28}  {:<44}  {:>10}{}  {:>6}  {:>8}  {:>6}  {:<8}  {}\n",
      timed.path, timed.dtype, run.threads, run.threads == 1 ? "" : "s", l.median * 1e3, l.runs,
      l.low * 1e3, l.high * 1e3, l.p90 * 1e3, l.p99 * 1e3,
      static_cast<double>(timed.batch) / l.mean, timed.batch, l.mean * 1e3, run.prepare_seconds,
      grouped(static_cast<std::int64_t>(run.arena_bytes)), grouped(run.planned_bytes),
      grouped(run.resident_bytes), run.peak * 1e-9, run.bandwidth * 1e-9, "node", "layer", "shape",
      "ms", has_alone(run) ? fmt::format("  {:>10}", "alone, ms") : "", "% time", "GFLOPS",
      "% roof", "bound", "backend");
  for (const TimedPart& row : run.parts) {
    text += row_text(run, row, timed.chain.nodes[row.part.node]);
  }
  text += fmt::format("  {:<32}  {:<28}  {:<44}  {:>10.4f}  {:>6.1f}\n", "clock",
                      fmt::format("{} readings", run.parts.size()), "", run.clock_seconds * 1e3,
                      100 * run.clock_seconds / run.whole_seconds);
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
  for (const auto& [name, seconds] : by_backend(run)) {
    text += fmt::format("  {:<10} {:>10.3f} ms  {:>5.1f} %\n", name, seconds * 1e3,
                        100 * seconds / run.whole_seconds);
  }
  return text + "\n";
}

std::string agreement_text(const ResultAgreement& one, int threads) {
  return fmt::format(
      "  {} on {} thread{}: {} {}, error {:.3g} of {:.3g} allowed, largest value {:.3g}{}\n",
      one.name, threads, threads == 1 ? "" : "s", one.agrees ? "agrees with" : "DISAGREES with",
      one.against, one.max_error, one.tolerance, one.largest, one.agrees ? "" : ": " + one.reason);
}

/// JSON has no NaN.
json part_json(const TimedPart& row, const models::FusedNode& node) {
  json one{{"name", row.part.name},       {"kind", row.part.reorder ? "reorder" : "node"},
           {"seconds", row.seconds},      {"implementation", row.part.implementation},
           {"backend", row.part.backend}, {"dtype", to_string(row.part.dtype)},
           {"threads", row.part.threads}, {"bound", row.bound}};
  one["fused"] = row.part.reorder ? json::array() : json(node.fused);
  if (row.part.reorder) {
    one["layer"] = "reorder";
    one["shape"] = row.part.implementation;
    one["for"] = node.name;
    return one;
  }
  one["layer"] = node.layer->name;
  one["shape"] = node.layer->print(node.shape);
  one["after"] = node.after;
  one["rules"] = node.rules;
  one["alone_warm_seconds"] = row.alone ? json(*row.alone) : json(nullptr);
  one["flops"] = row.flops;
  one["gflops"] = finite_json(gflops(row));
  one["share_of_roof"] = finite_json(row.share_of_roof);
  one["bytes"] = {
      {"weights", node.weight_bytes}, {"read", node.read_bytes}, {"written", node.write_bytes}};
  return one;
}

json run_json(const TimedNetwork& timed, const TimedRun& run) {
  json parts = json::array();
  for (const TimedPart& row : run.parts) {
    parts.push_back(part_json(row, timed.chain.nodes[row.part.node]));
  }
  parts.push_back(clock_json(run.clock_seconds));
  json one{{"threads", run.threads},
           {"batch", timed.batch},
           {"inferences_per_second", static_cast<double>(timed.batch) / run.latency.mean},
           {"nodes", parts},
           {"sum_of_rows_seconds", run.whole_seconds},
           {"rows_are", fmt::format("means over the {} runs around the median", run.rows_of)},
           {"clock_seconds", run.clock_seconds},
           {"seconds_by_backend", by_backend(run)},
           {"prepare_seconds", run.prepare_seconds},
           {"arena_bytes", run.arena_bytes},
           {"planned_bytes", run.planned_bytes},
           {"resident_bytes", run.resident_bytes},
           {"peak_flops_per_second", run.peak},
           {"bandwidth_bytes_per_second", run.bandwidth}};
  one.update(latency_json(run.latency));
  return one;
}

json agreement_json(const std::vector<ResultAgreement>& all) {
  json results = json::array();
  bool agrees = true;
  double worst = 0;
  const ResultAgreement* of_worst = nullptr;
  for (const ResultAgreement& one : all) {
    results.push_back({{"name", one.name},
                       {"agrees", one.agrees},
                       {"max_error", finite_json(one.max_error)},
                       {"tolerance", one.tolerance},
                       {"largest", one.largest},
                       {"against", one.against},
                       {"reason", one.reason}});
    agrees = agrees && one.agrees;
    const double used = one.tolerance > 0 ? one.max_error / one.tolerance : one.max_error;
    if (of_worst == nullptr || !(used <= worst)) {
      worst = used;
      of_worst = &one;
    }
  }
  json whole{{"agrees", agrees}, {"results", results}};
  if (of_worst != nullptr) {
    whole["max_error"] = finite_json(of_worst->max_error);
    whole["tolerance"] = of_worst->tolerance;
  }
  return whole;
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
  text += timed.instances ? instances_text(*timed.instances) : "";
  for (const std::string& remark : timed.file.remarks) {
    text += fmt::format("  {}\n", remark);
  }
  return text;
}

/// The first number of threads stands at the top, all of them in `by_threads`.
nlohmann::json timed_json(const TimedNetwork& timed) {
  json whole = run_json(timed, timed.runs.front());
  whole["path"] = timed.path;
  whole["dtype"] = timed.dtype;
  whole["dims"] = timed.dims;
  whole["remarks"] = timed.file.remarks;
  whole["random_weights"] = timed.file.random_weights;
  json by_threads = json::array();
  for (std::size_t i = 0; i < timed.runs.size(); ++i) {
    json one = run_json(timed, timed.runs[i]);
    if (i < timed.agreement.size()) {
      one["agreement"] = agreement_json(timed.agreement[i]);
    }
    by_threads.push_back(std::move(one));
  }
  if (!timed.agreement.empty()) {
    std::vector<ResultAgreement> all;
    for (const auto& results : timed.agreement) {
      all.insert(all.end(), results.begin(), results.end());
    }
    whole["agreement"] = agreement_json(all);
  }
  if (timed.eight_bits) {
    whole["eight_bits"] = eight_bit_json(*timed.eight_bits);
  }
  if (timed.executed) {
    whole["executed"] = executed_chain_json(*timed.executed, timed.chain);
  }
  if (timed.instances) {
    whole["instances"] = instances_json(*timed.instances);
  }
  if (timed.runs.size() > 1) {
    whole["by_threads"] = std::move(by_threads);
  }
  return whole;
}

nlohmann::json trace_json(const TimedRun& run, const models::Chain& chain) {
  json events = json::array();
  double at = 0;
  for (std::size_t i = 0; i < run.parts.size(); ++i) {
    const TimedPart& row = run.parts[i];
    const models::FusedNode& node = chain.nodes[row.part.node];
    const double micros = run.samples[i].back() * 1e6;
    events.push_back({{"name", row.part.name},
                      {"cat", row.part.reorder ? "reorder" : std::string(node.layer->name)},
                      {"ph", "X"},
                      {"ts", at},
                      {"dur", micros},
                      {"pid", 1},
                      {"tid", 1},
                      {"args",
                       {{"shape", shape_of(row, node)},
                        {"implementation", row.part.implementation},
                        {"bound", row.bound}}}});
    at += micros;
  }
  return {{"traceEvents", events}, {"displayTimeUnit", "ms"}};
}

}  // namespace flopmeter
