// What the files of a fleet say, kind of machine by kind.
#include "results/report/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "statistics/statistics.h"

namespace flopmeter::report {
namespace {

constexpr double unlike = 0.1;  // of the peak of its equals, from which on a node is an outlier

auto fleet_case_key(const BriefRow& row) {
  return std::tie(row.layer, row.pass, row.backend, row.dtype, row.shape, row.name, row.threads,
                  row.cache);
}

std::size_t fleet_case_hash(const BriefRow& r) {
  return mixed_hash({r.layer.hash(), r.pass.hash(), r.backend.hash(), r.dtype.hash(),
                     r.shape.hash(), r.name.hash(), r.cache.hash(),
                     static_cast<std::size_t>(r.threads.value_or(-1))});
}

std::string variables_text(const Environment& environment) {
  std::string text;
  for (const auto& [name, value] : environment.variables) {
    text += fmt::format(" {}={}", name, value);
  }
  return text;
}

std::string identity_of(const Environment& environment) {
  return fmt::format("{}\n{}\n{}\n{}", environment.cpu, environment.cpu_id,
                     fmt::join(environment.isa, ","), variables_text(environment));
}

/// What a file's name has before the number of its shard: "amx" of "fleet/amx-3.jsonl".
std::string feature_of(const std::string& file) {
  const std::string stem = std::filesystem::path(file).stem().string();
  return stem.substr(0, stem.find_last_of('-'));
}

std::optional<double> price_of_kind(const ReportData& data, const FleetKind& kind,
                                    const FleetQuestion& question) {
  std::vector<std::string> names{kind.name};
  for (const std::size_t environment : kind.environments) {
    for (const std::string& file : data.environments[environment].files) {
      names.push_back(feature_of(file));
    }
  }
  for (const std::string& name : names) {
    if (const auto found = question.prices.find(name); found != question.prices.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

/// The kinds, and the kind of each environment.
std::vector<std::size_t> find_kinds(Fleet& fleet, const ReportData& data) {
  std::vector<std::size_t> kind_of;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    const Environment& environment = data.environments[i].environment;
    const std::string identity = identity_of(environment);
    auto found = std::ranges::find(fleet.kinds, identity, &FleetKind::identity);
    if (found == fleet.kinds.end()) {
      found = fleet.kinds.insert(fleet.kinds.end(),
                                 FleetKind{.name = environment.cpu + variables_text(environment),
                                           .identity = identity,
                                           .environments = {},
                                           .peak = {},
                                           .price = {}});
    }
    found->environments.push_back(i);
    kind_of.push_back(static_cast<std::size_t>(found - fleet.kinds.begin()));
  }
  return kind_of;
}

void count_rows(Fleet& fleet, const ReportData& data, const std::vector<std::size_t>& kind_of) {
  std::vector<std::vector<double>> peaks(fleet.kinds.size());
  for (const BriefRow& row : data.all) {
    FleetKind& kind = fleet.kinds[kind_of[row.environment]];
    ++kind.rows;
    kind.unsteady += row.status == "noisy" || row.status == "mistrusted" ? 1 : 0;
    kind.failed += row.status == "failed" ? 1 : 0;
    kind.unavailable += row.status == "unavailable" ? 1 : 0;
    if (row.peak_gflops && row.dtype == "f32" && row.threads == 1) {
      peaks[kind_of[row.environment]].push_back(*row.peak_gflops);
    }
  }
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    fleet.kinds[i].peak = peaks[i].empty() ? std::nullopt : std::optional(median(peaks[i]));
  }
}

/// Rows of one case behind each other: sorted by a hash of it.
void find_cases(Fleet& fleet, const ReportData& data, const std::vector<std::size_t>& kind_of) {
  std::vector<std::pair<std::size_t, std::uint32_t>> order;
  for (std::size_t i = 0; i < data.all.size(); ++i) {
    if (timed(data.all[i]) && data.all[i].status == "ok") {
      order.emplace_back(fleet_case_hash(data.all[i]), static_cast<std::uint32_t>(i));
    }
  }
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const BriefRow& row = data.all[order[i].second];
    const bool same = i > 0 && order[i].first == order[i - 1].first &&
                      fleet_case_key(row) == fleet_case_key(data.all[order[i - 1].second]);
    if (!same) {
      fleet.cases.push_back({order[i].second, std::vector<double>(fleet.kinds.size())});
    }
    double& best = fleet.cases.back().seconds[kind_of[row.environment]];
    best = best > 0 ? std::min(best, *row.seconds) : *row.seconds;
  }
}

/// Of each file the peaks beside its rows, over the median of those that its kind has in the same type on as many
/// threads.
void find_nodes(Fleet& fleet, const ReportData& data, const std::vector<std::size_t>& kind_of) {
  using Setting = std::tuple<std::size_t, Word, std::int32_t>;
  std::map<Setting, std::vector<double>> by_kind;
  const auto setting_key_of = [&](const BriefRow& row) {
    return Setting(kind_of[row.environment], row.dtype, row.threads.value_or(-1));
  };
  for (const BriefRow& row : data.all) {
    if (row.peak_gflops) {
      by_kind[setting_key_of(row)].push_back(*row.peak_gflops);
    }
  }
  std::map<Setting, double> medians;
  for (const auto& [key, values] : by_kind) {
    medians[key] = median(values);
  }
  by_kind.clear();
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> ratios;  // by file and kind
  for (const BriefRow& row : data.all) {
    if (row.peak_gflops && medians[setting_key_of(row)] > 0) {
      ratios[{row.file, kind_of[row.environment]}].push_back(*row.peak_gflops /
                                                             medians[setting_key_of(row)]);
    }
  }
  for (const auto& [of, values] : ratios) {
    const double ratio = median(values);
    fleet.nodes.push_back({.file = of.first,
                           .kind = of.second,
                           .rows = values.size(),
                           .ratio = ratio,
                           .outlier = std::abs(ratio - 1) > unlike});
  }
}

}  // namespace

double cost_of_million(double price_per_hour, double seconds, double batch) {
  constexpr double hour = 3600;
  constexpr double million = 1e6;
  return price_per_hour * seconds / batch / hour * million;
}

double batch_of(const std::string& shape) {
  constexpr std::string_view mark = "_batch";
  const std::size_t at = shape.rfind(mark);
  const double batch = at == std::string::npos ? 1 : std::atof(shape.c_str() + at + mark.size());
  return batch >= 1 ? batch : 1;
}

Fleet fleet_of(const ReportData& data, const FleetQuestion& question) {
  Fleet fleet;
  const std::vector<std::size_t> kind_of = find_kinds(fleet, data);
  count_rows(fleet, data, kind_of);
  find_cases(fleet, data, kind_of);
  find_nodes(fleet, data, kind_of);
  for (FleetKind& kind : fleet.kinds) {
    kind.price = price_of_kind(data, kind, question);
  }
  return fleet;
}

}  // namespace flopmeter::report
