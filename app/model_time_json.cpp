// `flopmeter model FILE --time` as JSON and as a trace.
#include <fmt/format.h>

#include "app/counts_json.h"
#include "app/model_time_output.h"
#include "app/run_json.h"

namespace flopmeter {
namespace {

/// JSON has no NaN.
nlohmann::json part_json(const TimedPart& row, const models::FusedNode& node) {
  nlohmann::json one{{"name", row.part.name},       {"kind", row.part.reorder ? "reorder" : "node"},
                     {"seconds", row.seconds},      {"implementation", row.part.implementation},
                     {"backend", row.part.backend}, {"dtype", to_string(row.part.dtype)},
                     {"threads", row.part.threads}, {"bound", row.bound}};
  one["fused"] = row.part.reorder ? nlohmann::json::array() : nlohmann::json(node.fused);
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
  one["alone_warm_seconds"] = json_or_null(row.alone);
  one["flops"] = row.flops;
  one["gflops"] = finite_json(gflops(row));
  one["share_of_roof"] = finite_json(row.share_of_roof);
  one["bytes"] = {
      {"weights", node.weight_bytes}, {"read", node.read_bytes}, {"written", node.write_bytes}};
  return one;
}

nlohmann::json run_json(const TimedNetwork& timed, const TimedRun& run) {
  nlohmann::json parts = nlohmann::json::array();
  for (const TimedPart& row : run.parts) {
    parts.push_back(part_json(row, timed.chain.nodes[row.part.node]));
  }
  parts.push_back(clock_json(run.clock_seconds));
  nlohmann::json one{
      {"threads", run.threads},
      {"batch", timed.batch},
      {"inferences_per_second", static_cast<double>(timed.batch) / run.latency.mean},
      {"nodes", parts},
      {"sum_of_rows_seconds", run.whole_seconds},
      {"rows_are", fmt::format("means over the {} runs around the median", run.rows_of)},
      {"clock_seconds", run.clock_seconds},
      {"seconds_by_backend", by_backend(run)},
      {"other_cores", json_or_null(run.other_cores)},
      {"span_seconds", run.span_seconds},
      {"prepare_seconds", run.prepare_seconds},
      {"arena_bytes", run.arena_bytes},
      {"planned_bytes", run.planned_bytes},
      {"resident_bytes", run.resident_bytes},
      {"peak_flops_per_second", run.peak},
      {"bandwidth_bytes_per_second", run.bandwidth}};
  one.update(latency_json(run.latency));
  return one;
}

nlohmann::json agreement_json(const std::vector<ResultAgreement>& all) {
  nlohmann::json results = nlohmann::json::array();
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
  nlohmann::json whole{{"agrees", agrees}, {"results", results}};
  if (of_worst != nullptr) {
    whole["max_error"] = finite_json(of_worst->max_error);
    whole["tolerance"] = of_worst->tolerance;
  }
  return whole;
}

}  // namespace

/// The first number of threads stands at the top, all of them in `by_threads`.
nlohmann::json timed_json(const TimedNetwork& timed) {
  nlohmann::json whole = run_json(timed, timed.runs.front());
  whole["path"] = timed.path;
  whole["dtype"] = timed.dtype;
  whole["dims"] = timed.dims;
  whole["inputs"] = timed.inputs;
  whole["remarks"] = timed.file.remarks;
  whole["random_weights"] = timed.file.random_weights;
  nlohmann::json by_threads = nlohmann::json::array();
  for (std::size_t i = 0; i < timed.runs.size(); ++i) {
    nlohmann::json one = run_json(timed, timed.runs[i]);
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
  nlohmann::json events = nlohmann::json::array();
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
