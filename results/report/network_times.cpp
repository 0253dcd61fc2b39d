#include "results/report/network_times.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/cell.h"
#include "results/inference_text.h"
#include "results/report/text_table.h"
#include "results/report/value_or.h"
#include "results/result_lines.h"

namespace flopmeter::report {
namespace {

ChainRow row_of(const Json& json) {
  ChainRow row{.name = json.at("name"),
               .kind = value_or<std::string>(json, "kind", "node"),
               .layer = value_or<std::string>(json, "layer", ""),
               .shape = value_or<std::string>(json, "shape", ""),
               .bound = value_or<std::string>(json, "bound", ""),
               .backend = value_or<std::string>(json, "backend", ""),
               .dtype = value_or<std::string>(json, "dtype", ""),
               .implementation = value_or<std::string>(json, "implementation", ""),
               .fused = value_or(json, "fused", std::vector<std::string>{}),
               .after = value_or(json, "after", std::vector<std::string>{}),
               .seconds = json.at("seconds"),
               .share_of_roof = value_or(json, "share_of_roof", 0.0),
               .flops = value_or(json, "flops", 0.0)};
  if (const auto bytes = json.find("bytes"); bytes != json.end() && bytes->is_object()) {
    row.weights = value_or(*bytes, "weights", 0.0);
    row.bytes = row.weights + value_or(*bytes, "read", 0.0) + value_or(*bytes, "written", 0.0);
  }
  const double alone = value_or(json, "alone_warm_seconds", 0.0);
  row.alone = alone > 0 ? std::optional(alone) : std::nullopt;
  return row;
}

ChainTimes times_of(const Json& json, const std::string& inference) {
  const std::int64_t threads = value_or<std::int64_t>(json, "threads", 1);
  const std::int64_t batch = value_or<std::int64_t>(json, "batch", 1);
  const double latency = json.at("latency_seconds");
  const auto interval =
      value_or(json, "latency_interval_seconds", std::vector<double>{latency, latency});
  ChainTimes times{.label = fmt::format("batch {}{}, {}", batch, inference,
                                        plural(static_cast<std::size_t>(threads), "thread")),
                   .inference = inference,
                   .threads = threads,
                   .batch = batch,
                   .runs = value_or<std::int64_t>(json, "runs", 0),
                   .latency = latency,
                   .low = interval.at(0),
                   .high = interval.at(1),
                   .p90 = value_or(json, "latency_p90_seconds", 0.0),
                   .p99 = value_or(json, "latency_p99_seconds", 0.0),
                   .per_second = value_or(json, "inferences_per_second", 0.0),
                   .peak = value_or(json, "peak_flops_per_second", 0.0),
                   .bandwidth = value_or(json, "bandwidth_bytes_per_second", 0.0),
                   .arena_bytes = value_or(json, "arena_bytes", 0.0),
                   .resident_bytes = value_or(json, "resident_bytes", 0.0),
                   .rows = {}};
  for (const Json& row : json.at("nodes")) {
    times.rows.push_back(row_of(row));
  }
  return times;
}

/// Those of each number of threads.
void add_runs(NetworkTimes& network, const Json& set) {
  const std::string inference = inference_text(value_or(set, "dims", Sizes{}));
  const auto by_threads = set.find("by_threads");
  if (by_threads == set.end()) {
    network.runs.push_back(times_of(set, inference));
    return;
  }
  for (const Json& run : *by_threads) {
    network.runs.push_back(times_of(run, inference));
  }
}

/// Of several sets the one that disagrees, or that comes closest to it.
std::string agreement_text(const std::vector<const Json*>& sets) {
  bool agrees = true;
  std::size_t checked = 0;
  double worst = -1, error = 0, allowed = 0;
  for (const Json* set : sets) {
    const auto found = set->find("agreement");
    if (found == set->end()) {
      continue;
    }
    ++checked;
    const bool one = found->at("agrees").get<bool>();
    const double off = value_or(*found, "max_error", 0.0);
    const double most = value_or(*found, "tolerance", 0.0);
    const double used = most > 0 ? off / most : off;
    if ((agrees && !one) || (agrees == one && used > worst)) {
      worst = used;
      error = off;
      allowed = most;
    }
    agrees = agrees && one;
  }
  if (checked == 0) {
    return "";
  }
  return fmt::format(
      "{}, largest error {} of {} allowed{}",
      agrees ? "agrees with the file's own graph in double" : "DISAGREES with the file's own graph",
      significant(error, 3), significant(allowed, 3),
      checked < sets.size() ? fmt::format("; checked were {} of {} sets", checked, sets.size())
                            : "");
}

}  // namespace

RowParts parts_of(const ChainRow& row) {
  RowParts parts;
  if (row.kind == "reorder") {
    parts.layout = row.seconds;
    return parts;
  }
  if (!row.node()) {
    parts.overhead = row.seconds;
    return parts;
  }
  parts.roof = std::min(row.seconds, row.share_of_roof * row.seconds);
  const double warm = std::max(parts.roof, row.alone.value_or(row.seconds));
  parts.place = std::max(0.0, row.seconds - warm);
  (row.bound == "overhead" ? parts.overhead : parts.kernel) =
      row.seconds - parts.roof - parts.place;
  return parts;
}

double ChainTimes::sum() const {
  double sum = 0;
  for (const ChainRow& row : rows) {
    sum += row.seconds;
  }
  return sum;
}

bool is_network_times(const Json& json) {
  return json.is_object() && json.contains("latency_seconds") && json.contains("nodes");
}

NetworkTimes network_times(const Json& json, std::string_view origin) {
  NetworkTimes network;
  try {
    network.path = value_or<std::string>(json, "path", std::string(origin));
    network.dtype = value_or<std::string>(json, "dtype", "");
    network.remarks = value_or(json, "remarks", std::vector<std::string>{});
    network.random_weights = value_or(json, "random_weights", false);
    std::vector<const Json*> sets;
    if (const auto found = json.find("sets"); found != json.end()) {
      std::ranges::transform(*found, std::back_inserter(sets),
                             [](const Json& set) { return &set; });
    } else {
      sets.push_back(&json);
    }
    for (const Json* set : sets) {
      add_runs(network, *set);
    }
    network.agreement = agreement_text(sets);
  } catch (const nlohmann::json::exception& error) {
    throw CannotRead(
        fmt::format("'{}' is not what model --time --json prints: {}", origin, error.what()));
  } catch (const std::out_of_range&) {
    throw CannotRead(fmt::format(
        "'{}' is not what model --time --json prints: an interval of two numbers is missing",
        origin));
  }
  if (network.runs.empty() || network.runs.front().rows.empty()) {
    throw CannotRead(fmt::format("'{}' holds no run of a network", origin));
  }
  return network;
}

}  // namespace flopmeter::report
