#include "results/report/fleet_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "results/cell.h"

namespace flopmeter::report {
namespace {

TextTable kinds_table(const FleetView& view) {
  TextTable table{.id = "kinds",
                  .caption = "Kinds of machine",
                  .columns = {{"kind"},
                              {"files", true},
                              {"rows", true},
                              {"not steady", true},
                              {"failed", true},
                              {"unavailable", true},
                              {"f32 peak, 1 thread, GFLOPS", true},
                              {"times as fast as A", true},
                              {"cases in common", true},
                              {"price/h", true}},
                  .rows = {}};
  const auto all = view.speeds.find("");
  for (std::size_t i = 0; i < view.fleet.kinds.size(); ++i) {
    const FleetKind& kind = view.fleet.kinds[i];
    const auto count = [](std::size_t value) {
      return count_cell(static_cast<std::int64_t>(value));
    };
    const auto files =
        static_cast<std::size_t>(std::ranges::count(view.fleet.nodes, i, &FleetNode::kind));
    const bool known = all != view.speeds.end();
    table.rows.push_back({text_cell(kind_letter(view.fleet, i)), count(files), count(kind.rows),
                          count(kind.unsteady), count(kind.failed), count(kind.unavailable),
                          number_cell(kind.peak),
                          number_cell(known ? speed_of(all->second, i) : std::nullopt, 3),
                          count(known ? all->second.cases[i] : 0), number_cell(kind.price)});
  }
  return table;
}

TextTable layers_table(const FleetView& view) {
  TextTable table{.id = "kinds-by-layer",
                  .caption = "Times as fast as A, by layer type",
                  .columns = {{"layer"}},
                  .rows = {}};
  for (std::size_t i = 0; i < view.fleet.kinds.size(); ++i) {
    table.columns.push_back({letter(i), true});
  }
  for (const auto& [layer, sum] : view.speeds) {
    std::vector<Cell> cells{text_cell(layer.empty() ? "all" : layer)};
    for (std::size_t i = 0; i < view.fleet.kinds.size(); ++i) {
      cells.push_back(number_cell(speed_of(sum, i), 3));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Section machines_section(const FleetView& view) {
  Section section{.id = "fleet-machines",
                  .title = "The machines side by side",
                  .paragraphs = {},
                  .chart = "fleet-machines",
                  .tables = {kinds_table(view), layers_table(view)}};
  section.paragraphs.emplace_back(
      "A kind of machine is its CPU, its instruction sets and the variables that steer kernels. "
      "Times as fast as A: geometric mean over the steady cases that both have, on as many threads "
      "and in the same caches; of a case that several nodes timed, the best. The peak is the "
      "median "
      "of those that were measured beside rows in f32 on one thread.");
  if (view.data.all.empty()) {
    section.paragraphs.emplace_back("The files hold no row.");
  }
  return section;
}

std::string meets_text(const FleetQuestion& question, double seconds) {
  return question.target_latency <= 0 ? "-" : seconds <= question.target_latency ? "yes" : "no";
}

TextTable ranking_table(const FleetView& view) {
  TextTable table{.id = "ranking",
                  .caption = "Networks on each kind, the fastest first",
                  .columns = {{"network"},
                              {"dtype"},
                              {"rank", true},
                              {"kind"},
                              {"threads", true},
                              {"latency", true},
                              {"inferences/s", true},
                              {"cost/10^6", true},
                              {"meets"}},
                  .rows = {},
                  .searched = true};
  for (const RankedNetwork& network : view.networks) {
    std::int64_t rank = 0;
    for (const NetworkOnKind& on : network.on) {
      table.rows.push_back({text_cell(network.shape), text_cell(network.dtype), count_cell(++rank),
                            text_cell(kind_letter(view.fleet, on.kind)), count_cell(on.threads),
                            time_cell(on.seconds),
                            number_cell(batch_of(network.shape) / on.seconds),
                            number_cell(cost_on(view.fleet, network, on)),
                            text_cell(meets_text(view.question, on.seconds))});
    }
  }
  return table;
}

Section networks_section(const FleetView& view) {
  Section section{.id = "fleet-networks",
                  .title = "Networks ranked",
                  .paragraphs = {},
                  .chart = view.networks.empty() ? "" : "fleet-networks",
                  .tables = {}};
  if (view.networks.empty()) {
    section.paragraphs.emplace_back(
        "The files hold no row of a network: flopmeter model FILE --time -o FILE.jsonl writes "
        "them.");
    return section;
  }
  section.paragraphs.push_back(fmt::format(
      "Measured medians of a run, each on the number of threads that is fastest there, steady rows "
      "alone{}. Cost is of a million inferences, in the unit of the prices, on a machine that does "
      "nothing else.",
      view.question.target_latency > 0
          ? fmt::format("; the target is {}", scaled_time(view.question.target_latency))
          : std::string("; fleet report --target-latency 20ms would say which meet a target")));
  section.tables.push_back(ranking_table(view));
  return section;
}

/// Of the kinds that meet the target; null where none has a price.
const NetworkOnKind* cheapest_of(const FleetView& view, const RankedNetwork& network) {
  const NetworkOnKind* best = nullptr;
  for (const NetworkOnKind& on : network.on) {
    const auto cost = cost_on(view.fleet, network, on);
    if (on.seconds <= view.question.target_latency && cost &&
        (best == nullptr || *cost < *cost_on(view.fleet, network, *best))) {
      best = &on;
    }
  }
  return best;
}

/// Of each network the cheapest kind that meets the target.
TextTable cheapest_table(const FleetView& view) {
  TextTable table{.id = "cheapest-kinds",
                  .caption = "The cheapest kind of machine of each network",
                  .columns = {{"network"},
                              {"dtype"},
                              {"kind"},
                              {"threads", true},
                              {"latency", true},
                              {"cost/10^6", true}},
                  .rows = {}};
  for (const RankedNetwork& network : view.networks) {
    const NetworkOnKind* best = cheapest_of(view, network);
    table.rows.push_back(
        {text_cell(network.shape), text_cell(network.dtype),
         text_cell(best == nullptr ? "none that has a price" : kind_letter(view.fleet, best->kind)),
         count_cell(best == nullptr ? std::nullopt : std::optional<std::int64_t>(best->threads)),
         time_cell(best == nullptr ? std::nullopt : std::optional(best->seconds)),
         number_cell(best == nullptr ? std::nullopt : cost_on(view.fleet, network, *best))});
  }
  return table;
}

Section cheapest_section(const FleetView& view) {
  Section section{.id = "cheapest",
                  .title = "Cheapest that meets the target",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  const bool priced = std::ranges::any_of(
      view.fleet.kinds, [](const FleetKind& kind) { return kind.price.has_value(); });
  if (!priced || view.question.target_latency <= 0 || view.networks.empty()) {
    section.paragraphs.emplace_back(
        "Needs rows of networks, --target-latency and --prices (CSV: machine,price_per_hour, where "
        "the machine is a CPU's name or what files begin with, such as amx of amx-3.jsonl).");
    return section;
  }
  section.tables.push_back(cheapest_table(view));
  return section;
}

Section nodes_section(const FleetView& view) {
  Section section{.id = "fleet-nodes",
                  .title = "Outliers among equal nodes",
                  .paragraphs = {},
                  .chart = view.fleet.nodes.empty() ? "" : "fleet-nodes",
                  .tables = {}};
  const auto outliers = static_cast<std::size_t>(
      std::ranges::count_if(view.fleet.nodes, [](const FleetNode& node) { return node.outlier; }));
  section.paragraphs.push_back(fmt::format(
      "A file is what one job left, so a node. Its ratio is the median over its rows of the peak "
      "that was measured beside them, over the median that its kind of machine has in that type on "
      "as many threads. {} of {} more than 10 % away: slower clocks, neighbours, a node that is "
      "not "
      "what it is said to be.",
      plural(outliers, "node is", "nodes are"), view.fleet.nodes.size()));
  TextTable table{
      .id = "nodes",
      .caption = "Nodes, the lowest first",
      .columns = {{"file"}, {"kind"}, {"rows", true}, {"peak, of its equals", true}, {""}},
      .rows = {},
      .searched = true};
  std::vector<FleetNode> nodes = view.fleet.nodes;
  std::ranges::stable_sort(nodes, {}, &FleetNode::ratio);
  for (const FleetNode& node : nodes) {
    table.rows.push_back(
        {text_cell(view.data.files[node.file]), text_cell(kind_letter(view.fleet, node.kind)),
         count_cell(static_cast<std::int64_t>(node.rows)), percent_cell(100 * node.ratio),
         text_cell(node.outlier ? "outlier" : "-")});
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

std::vector<Section> fleet_sections(const FleetView& view) {
  return {machines_section(view), networks_section(view), cheapest_section(view),
          nodes_section(view)};
}

}  // namespace flopmeter::report
