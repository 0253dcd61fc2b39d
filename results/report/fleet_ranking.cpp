#include "results/report/fleet_ranking.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "results/report/series.h"

namespace flopmeter::report {

std::string kind_letter(const Fleet& fleet, std::size_t kind) {
  return fleet.kinds.size() > 1 ? letter(kind) + ": " + fleet.kinds[kind].name
                                : fleet.kinds[kind].name;
}

std::vector<RankedNetwork> ranked_networks(const ReportData& data, const Fleet& fleet) {
  std::map<std::pair<std::string, std::string>, std::map<std::size_t, NetworkOnKind>> found;
  for (const FleetCase& one : fleet.cases) {
    const BriefRow& row = data.all[one.row];
    if (!(row.layer == std::string_view("network"))) {
      continue;
    }
    for (std::size_t kind = 0; kind < one.seconds.size(); ++kind) {
      NetworkOnKind& best = found[{row.shape, row.dtype}][kind];
      if (one.seconds[kind] > 0 && (best.seconds == 0 || one.seconds[kind] < best.seconds)) {
        best = {kind, one.seconds[kind], row.threads.value_or(0)};
      }
    }
  }
  std::vector<RankedNetwork> ranked;
  for (const auto& [key, on] : found) {
    RankedNetwork network{key.first, key.second, {}};
    for (const auto& [kind, best] : on) {
      if (best.seconds > 0) {
        network.on.push_back(best);
      }
    }
    std::ranges::stable_sort(network.on, {}, &NetworkOnKind::seconds);
    ranked.push_back(std::move(network));
  }
  return ranked;
}

std::optional<double> cost_on(const Fleet& fleet, const RankedNetwork& network,
                              const NetworkOnKind& on) {
  const std::optional<double>& price = fleet.kinds[on.kind].price;
  return price ? std::optional(cost_of_million(*price, on.seconds, batch_of(network.shape)))
               : std::nullopt;
}

std::map<std::string, Speeds> speeds_by_layer(const ReportData& data, const Fleet& fleet) {
  std::map<std::string, Speeds> speeds;
  for (const FleetCase& one : fleet.cases) {
    for (const std::string& layer : {data.all[one.row].layer.str(), std::string()}) {
      Speeds& sum = speeds[layer];
      sum.logs.resize(fleet.kinds.size());
      sum.cases.resize(fleet.kinds.size());
      for (std::size_t kind = 0; kind < one.seconds.size(); ++kind) {
        if (one.seconds[0] > 0 && one.seconds[kind] > 0) {
          sum.logs[kind] += std::log(one.seconds[0] / one.seconds[kind]);
          ++sum.cases[kind];
        }
      }
    }
  }
  return speeds;
}

std::optional<double> speed_of(const Speeds& speeds, std::size_t kind) {
  return speeds.cases[kind] == 0
             ? std::nullopt
             : std::optional(std::exp(speeds.logs[kind] / static_cast<double>(speeds.cases[kind])));
}

}  // namespace flopmeter::report
