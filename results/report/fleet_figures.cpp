#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "results/cell.h"
#include "results/report/fleet_sections.h"
#include "results/report/page.h"
#include "results/report/series.h"

namespace flopmeter::report {
namespace {

constexpr double fleet_milli = 1e3;
constexpr std::size_t most_fleet_bars = 150;

Json fleet_bar(std::string name, double value, std::string text, std::size_t series, bool hollow,
               std::vector<std::string> lines) {
  return {{"name", std::move(name)}, {"value", value},   {"text", std::move(text)},
          {"series", series},        {"hollow", hollow}, {"lines", std::move(lines)}};
}

Json machine_bars(const FleetView& view) {
  Json machines = Json::array();
  const auto all = view.speeds.find("");
  for (std::size_t i = 0; i < view.fleet.kinds.size() && all != view.speeds.end(); ++i) {
    const auto speed = speed_of(all->second, i);
    machines.push_back(
        fleet_bar(kind_letter(view.fleet, i), speed.value_or(0),
                  speed ? significant(*speed, 3) + " x" : "no case in common", i, false,
                  {kind_letter(view.fleet, i),
                   fmt::format("{} times as fast as A over {} cases",
                               speed ? significant(*speed, 3) : "-", all->second.cases[i])}));
  }
  return machines;
}

Json ranking_bars(const FleetView& view) {
  Json ranking = Json::array();
  for (const RankedNetwork& network : view.networks) {
    for (const NetworkOnKind& on : network.on) {
      const bool misses =
          view.question.target_latency > 0 && on.seconds > view.question.target_latency;
      ranking.push_back(
          fleet_bar(fmt::format("{} {} on {}", network.shape, network.dtype, letter(on.kind)),
                    fleet_milli * on.seconds, scaled_time(on.seconds), on.kind, misses,
                    {network.shape + " " + network.dtype, kind_letter(view.fleet, on.kind),
                     fmt::format("{} on {} threads", scaled_time(on.seconds), on.threads)}));
    }
  }
  return ranking;
}

Json node_bars(const FleetView& view) {
  Json nodes = Json::array();
  std::vector<FleetNode> sorted = view.fleet.nodes;
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](const FleetNode& node) { return std::abs(node.ratio - 1); });
  for (const FleetNode& node : sorted) {
    nodes.push_back(fleet_bar(
        view.data.files[node.file], 100 * node.ratio, significant(100 * node.ratio, 3) + " %",
        node.kind, node.outlier,
        {view.data.files[node.file], kind_letter(view.fleet, node.kind),
         fmt::format("peak {} % of the median of its kind", significant(100 * node.ratio, 3))}));
  }
  return nodes;
}

Json fleet_figure(std::string x, Json rows, const std::string& caption) {
  const std::size_t total = rows.size();
  while (rows.size() > most_fleet_bars) {
    rows.erase(rows.size() - 1);
  }
  return {{"kind", "bars"},
          {"x", std::move(x)},
          {"caption", total > rows.size()
                          ? fmt::format("the first {} of {}; {}", rows.size(), total, caption)
                          : caption},
          {"rows", std::move(rows)}};
}

}  // namespace

Json fleet_figures(const FleetView& view) {
  return {
      {"fleet-machines", fleet_figure("times as fast as A", machine_bars(view), "geometric means")},
      {"fleet-networks", fleet_figure("latency, ms", ranking_bars(view),
                                      view.question.target_latency > 0 ? "hollow: misses the target"
                                                                       : "measured medians")},
      {"fleet-nodes", fleet_figure("peak, % of its equals", node_bars(view),
                                   "farthest from its equals first; hollow: outlier")}};
}

}  // namespace flopmeter::report
