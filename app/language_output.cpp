#include "app/language_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/run_json.h"
#include "app/text.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

/// Rows of one kind together: the same node of every layer.
struct Kind {
  const LanguageRow* first;
  std::int64_t count = 0;
  double seconds = 0, flops = 0, roof_seconds = 0;
  std::int64_t weights = 0, cache = 0;
  std::map<std::string, double> bounds = {};
};

std::vector<Kind> kinds_of(const LanguageRun& run) {
  std::vector<Kind> kinds;
  for (const LanguageRow& row : run.rows) {
    auto found = std::ranges::find(kinds, row.part.kind + row.part.shape, [](const Kind& kind) {
      return kind.first->part.kind + kind.first->part.shape;
    });
    if (found == kinds.end()) {
      found = kinds.insert(kinds.end(), Kind{&row});
    }
    ++found->count;
    found->seconds += row.seconds;
    found->flops += row.part.flops;
    found->roof_seconds += row.share_of_roof * row.seconds;
    found->weights += row.part.weight_bytes;
    found->cache += row.part.cache_bytes;
    found->bounds[row.bound] += row.seconds;
  }
  return kinds;
}

std::string most_of(const std::map<std::string, double>& bounds) {
  const auto most =
      std::ranges::max_element(bounds, {}, [](const auto& one) { return one.second; });
  return most == bounds.end() ? "" : most->first;
}

report::Cell rounded(double value, int digits) {
  return {.text = fmt::format("{:.{}f}", value, digits), .value = value};
}

/// In percent; "-" where the whole is not known.
report::Cell share_of(double part, double whole, int digits = 0) {
  return whole > 0 ? rounded(100 * part / whole, digits) : report::Cell{"-"};
}

std::vector<report::Cell> kind_cells(const LanguageRun& run, const Kind& kind) {
  const models::GenerationPart& part = kind.first->part;
  const double read = static_cast<double>(kind.weights + kind.cache) / kind.seconds;
  return {{part.kind},
          report::count_cell(kind.count),
          {part.layer},
          {part.shape},
          rounded(kind.seconds * 1e3, 4),
          share_of(kind.seconds, run.whole_seconds, 1),
          rounded(read * 1e-9, 2),
          share_of(read, run.bandwidth),
          rounded(kind.flops / kind.seconds * 1e-9, 1),
          share_of(kind.roof_seconds, kind.seconds),
          {most_of(kind.bounds)},
          {part.format}};
}

std::string kinds_text(const LanguageRun& run) {
  report::TextTable table{.columns = {{"node"},
                                      {"uses", true},
                                      {"layer"},
                                      {"shape"},
                                      {"ms", true},
                                      {"% time", true},
                                      {"GB/s", true},
                                      {"% read", true},
                                      {"GFLOPS", true},
                                      {"% roof", true},
                                      {"bound"},
                                      {"weights"}}};
  for (const Kind& kind : kinds_of(run)) {
    table.rows.push_back(kind_cells(run, kind));
  }
  table.rows.push_back({{"clock"},
                        report::count_cell(static_cast<std::int64_t>(run.rows.size())),
                        {"readings"},
                        {""},
                        rounded(run.clock_seconds * 1e3, 4),
                        share_of(run.clock_seconds, run.whole_seconds, 1)});
  table.rows.back().resize(table.columns.size());
  return to_text(table, 2);
}

std::string depths_text(const TimedLanguage& timed) {
  report::TextTable table{.columns = {{"past", true},
                                      {"tokens", true},
                                      {"batch", true},
                                      {"threads", true},
                                      {"ms", true},
                                      {"tokens/s", true},
                                      {"GB/s", true},
                                      {"% read", true},
                                      {"bound"}}};
  for (const LanguageRun& run : timed.runs) {
    table.rows.push_back({report::count_cell(run.phase.past),
                          report::count_cell(run.phase.tokens),
                          report::count_cell(run.phase.batch),
                          report::count_cell(run.threads),
                          rounded(run.latency.median * 1e3, 3),
                          rounded(run.tokens_per_second(), 2),
                          rounded(run.read_rate() * 1e-9, 2),
                          share_of(run.read_rate(), run.bandwidth),
                          {most_of(run.seconds_by_bound())}});
  }
  return to_text(table, 2);
}

bool decodes(const LanguageRun& run) { return run.phase.tokens == 1; }

/// What keeps a step from the bandwidth, where it does not come near it.
std::string limit_text(const LanguageRun& run) {
  if (!decodes(run) || run.bandwidth <= 0) {
    return "";
  }
  const double share = run.read_rate() / run.bandwidth;
  std::string text = fmt::format(
      "  a token reads {} bytes of weights and {} of the cache: {:.2f} GB/s, {:.0f} % of the "
      "measured {:.2f} GB/s\n",
      grouped(run.weight_bytes_read() / run.phase.batch),
      grouped(run.cache_bytes_read() / run.phase.batch), run.read_rate() * 1e-9, 100 * share,
      run.bandwidth * 1e-9);
  if (share > 1.05) {
    text += "  more than main memory gives: a part of the weights stays in the caches\n";
  }
  for (const auto& [format, rate] : run.unpacking) {
    text += fmt::format("  {} weights in a core's own cache: {:.2f} GB/s{}\n", format, rate * 1e-9,
                        rate < run.bandwidth ? ", less than main memory gives: unpacking them is "
                                               "the limit"
                                             : "");
  }
  return text;
}

std::string agreement_line(const models::LogitAgreement& one) {
  return fmt::format("  {}: {}, error {:.3g} of {:.3g} allowed, largest value {:.3g}{}\n", one.name,
                     one.agrees ? "agree" : "DISAGREE", one.max_error, one.tolerance, one.largest,
                     one.agrees ? "" : ": " + one.reason);
}

nlohmann::json row_json(const LanguageRow& row) {
  const models::GenerationPart& part = row.part;
  return {{"name", part.name},
          {"kind", "node"},
          {"fused", part.fused},
          {"layer", part.layer},
          {"shape", part.shape},
          {"implementation", part.implementation},
          {"weights", part.format},
          {"seconds", row.seconds},
          {"flops", part.flops},
          {"gflops", finite_json(part.flops / row.seconds * 1e-9)},
          {"share_of_roof", finite_json(row.share_of_roof)},
          {"bound", row.bound},
          {"bytes",
           {{"weights", part.weight_bytes},
            {"cache", part.cache_bytes},
            {"read", part.read_bytes},
            {"written", part.write_bytes}}}};
}

nlohmann::json run_json(const TimedLanguage& timed, const LanguageRun& run) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const LanguageRow& row : run.rows) {
    nodes.push_back(row_json(row));
  }
  nodes.push_back(clock_json(run.clock_seconds));
  nlohmann::json one{
      {"phase", timed.phase},
      {"tokens", run.phase.tokens},
      {"past", run.phase.past},
      {"batch", run.phase.batch},
      {"threads", run.threads},
      {"tokens_per_second", run.tokens_per_second()},
      {"inferences_per_second", static_cast<double>(run.phase.batch) / run.latency.mean},
      {"nodes", std::move(nodes)},
      {"sum_of_rows_seconds", run.whole_seconds},
      {"rows_are", fmt::format("means over the {} runs around the median", run.rows_of)},
      {"clock_seconds", run.clock_seconds},
      {"seconds_by_bound", run.seconds_by_bound()},
      {"arena_bytes", run.arena_bytes},
      {"peak_flops_per_second", run.peak},
      {"bandwidth_bytes_per_second", run.bandwidth},
      {"weight_bytes_read", run.weight_bytes_read()},
      {"cache_bytes_read", run.cache_bytes_read()},
      {"read_bytes_per_second", run.read_rate()},
      {"unpacking_bytes_per_second", run.unpacking}};
  one.update(latency_json(run.latency));
  one["share_of_read_bandwidth"] =
      run.bandwidth > 0 ? nlohmann::json(run.read_rate() / run.bandwidth) : nlohmann::json(nullptr);
  one["cache"] = {{"dtype", timed.cache_type},
                  {"bytes", run.cache_bytes},
                  {"bytes_per_token", run.cache_token_bytes}};
  return one;
}

}  // namespace

bool TimedLanguage::agrees() const {
  return !check || std::ranges::all_of(check->results, &models::LogitAgreement::agrees);
}

std::string language_run_text(const TimedLanguage& timed, const LanguageRun& run) {
  const models::Latency& l = run.latency;
  std::string text = fmt::format(
      "{}, {}, {} of {} token{} behind {}{}, {} thread{}\n"
      "  latency {:.3f} ms (median of {} runs, {:.3f} to {:.3f} by {} blocks of them), 90th "
      "percentile "
      "{:.3f}, 99th {:.3f}\n"
      "  {:.2f} tokens a second\n"
      "  weights {} bytes in {}{}; cache {} bytes in {}, {} a token; {} bytes between nodes; roofs "
      "{:.1f} GFLOPS, {:.2f} GB/s\n\n",
      timed.model.path, timed.model.format, timed.phase, run.phase.tokens,
      run.phase.tokens == 1 ? "" : "s", run.phase.past,
      run.phase.batch == 1 ? "" : fmt::format(", {} sequences", run.phase.batch), run.threads,
      run.threads == 1 ? "" : "s", l.median * 1e3, l.runs, l.low * 1e3, l.high * 1e3, l.blocks,
      l.p90 * 1e3, l.p99 * 1e3, run.tokens_per_second(), grouped(timed.weights.bytes),
      timed.weights.stored, timed.weights.random ? " (drawn)" : "", grouped(run.cache_bytes),
      timed.cache_type, grouped(run.cache_token_bytes),
      grouped(static_cast<std::int64_t>(run.arena_bytes)), run.peak * 1e-9, run.bandwidth * 1e-9);
  text += kinds_text(run);
  text += fmt::format(
      "\n  sum of rows {:.3f} ms, {:.1f} % of the median: rows are means over the {} of {} runs "
      "around it\n",
      run.whole_seconds * 1e3, 100 * run.whole_seconds / l.median, run.rows_of, l.runs);
  return text + limit_text(run) + "\n";
}

std::string language_text(const TimedLanguage& timed) {
  std::string text;
  if (timed.runs.size() > 1) {
    text += depths_text(timed);
  }
  if (timed.check) {
    for (const models::LogitAgreement& one : timed.check->results) {
      text += agreement_line(one);
    }
    text += fmt::format("  {}\n", timed.check->scope);
  }
  for (const std::string& remark : timed.model.remarks) {
    text += fmt::format("  {}\n", remark);
  }
  if (timed.phase == "prefill") {
    text += "  logits are made of the last token of a sequence alone\n";
  }
  text +=
      "  GFLOPS: multiplies, adds, divides and square roots, an FMA as two (exact), 10^9 a second; "
      "% "
      "read: of the measured read bandwidth\n";
  return text + "  the cache holds drawn numbers at that depth, as if a prompt had been read\n";
}

nlohmann::json language_json(const TimedLanguage& timed) {
  nlohmann::json whole =
      timed.runs.empty() ? nlohmann::json::object() : run_json(timed, timed.runs.front());
  whole["path"] = timed.model.path;
  whole["format"] = timed.model.format;
  whole["dtype"] = timed.weights.stored;
  whole["random_weights"] = timed.weights.random;
  whole["weights"] = {{"stored", timed.weights.stored},
                      {"bytes", timed.weights.bytes},
                      {"random", timed.weights.random}};
  whole["prepare_seconds"] = timed.prepare_seconds;
  whole["planned_bytes"] = timed.planned_bytes;
  whole["remarks"] = timed.model.remarks;
  if (timed.runs.size() > 1) {
    nlohmann::json by_depth = nlohmann::json::array();
    for (const LanguageRun& run : timed.runs) {
      by_depth.push_back(run_json(timed, run));
    }
    whole["by_depth"] = std::move(by_depth);
  }
  if (timed.check) {
    nlohmann::json results = nlohmann::json::array();
    const models::LogitAgreement* worst = nullptr;
    for (const models::LogitAgreement& one : timed.check->results) {
      results.push_back({{"name", one.name},
                         {"agrees", one.agrees},
                         {"max_error", finite_json(one.max_error)},
                         {"tolerance", one.tolerance},
                         {"largest", one.largest},
                         {"reason", one.reason}});
      if (worst == nullptr || !(one.max_error <= worst->max_error)) {
        worst = &one;
      }
    }
    whole["agreement"] = {
        {"agrees", timed.agrees()},
        {"results", std::move(results)},
        {"max_error", worst == nullptr ? nlohmann::json(nullptr) : finite_json(worst->max_error)},
        {"tolerance",
         worst == nullptr ? nlohmann::json(nullptr) : nlohmann::json(worst->tolerance)},
        {"scope", timed.check->scope}};
  }
  return whole;
}

}  // namespace flopmeter
