#include "results/report/fleet_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "embedded/figures_js.h"
#include "results/cell.h"
#include "results/report/page.h"
#include "results/report/series.h"

namespace flopmeter::report {
namespace {

constexpr double fleet_milli = 1e3;
constexpr std::size_t most_fleet_bars = 150;

/// A network on one kind of machine, on the number of threads that is fastest there.
struct NetworkOnKind {
  std::size_t kind = 0;
  double seconds = 0;
  std::int32_t threads = 0;
};

/// A network in one type and batch, on every kind that ran it: the fastest first.
struct RankedNetwork {
  std::string shape, dtype;
  std::vector<NetworkOnKind> on;
};

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

/// Geometric means of how many times as fast as the first kind each kind is, over the cases that both have.
struct Speeds {
  std::vector<double> logs;
  std::vector<std::size_t> cases;
};

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

Section machines_section(const ReportData& data, const Fleet& fleet,
                         const std::map<std::string, Speeds>& speeds) {
  Section section{.id = "fleet-machines",
                  .title = "The machines side by side",
                  .paragraphs = {},
                  .chart = "fleet-machines",
                  .tables = {}};
  section.paragraphs.emplace_back(
      "A kind of machine is its CPU, its instruction sets and the variables that steer kernels. "
      "Times as fast as A: geometric mean over the steady cases that both have, on as many threads "
      "and in the same caches; of a case that several nodes timed, the best. The peak is the "
      "median "
      "of those that were measured beside rows in f32 on one thread.");
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
  const auto all = speeds.find("");
  for (std::size_t i = 0; i < fleet.kinds.size(); ++i) {
    const FleetKind& kind = fleet.kinds[i];
    const auto count = [](std::size_t value) {
      return count_cell(static_cast<std::int64_t>(value));
    };
    const auto files =
        static_cast<std::size_t>(std::ranges::count(fleet.nodes, i, &FleetNode::kind));
    const bool known = all != speeds.end();
    table.rows.push_back({text_cell(kind_letter(fleet, i)), count(files), count(kind.rows),
                          count(kind.unsteady), count(kind.failed), count(kind.unavailable),
                          number_cell(kind.peak),
                          number_cell(known ? speed_of(all->second, i) : std::nullopt, 3),
                          count(known ? all->second.cases[i] : 0), number_cell(kind.price)});
  }
  section.tables.push_back(std::move(table));
  TextTable layers{.id = "kinds-by-layer",
                   .caption = "Times as fast as A, by layer type",
                   .columns = {{"layer"}},
                   .rows = {}};
  for (std::size_t i = 0; i < fleet.kinds.size(); ++i) {
    layers.columns.push_back({letter(i), true});
  }
  for (const auto& [layer, sum] : speeds) {
    std::vector<Cell> cells{text_cell(layer.empty() ? "all" : layer)};
    for (std::size_t i = 0; i < fleet.kinds.size(); ++i) {
      cells.push_back(number_cell(speed_of(sum, i), 3));
    }
    layers.rows.push_back(std::move(cells));
  }
  section.tables.push_back(std::move(layers));
  if (data.all.empty()) {
    section.paragraphs.emplace_back("The files hold no row.");
  }
  return section;
}

std::string meets_text(const FleetQuestion& question, double seconds) {
  return question.target_latency <= 0 ? "-" : seconds <= question.target_latency ? "yes" : "no";
}

Section networks_section(const Fleet& fleet, const std::vector<RankedNetwork>& networks,
                         const FleetQuestion& question) {
  Section section{.id = "fleet-networks",
                  .title = "Networks ranked",
                  .paragraphs = {},
                  .chart = networks.empty() ? "" : "fleet-networks",
                  .tables = {}};
  if (networks.empty()) {
    section.paragraphs.emplace_back(
        "The files hold no row of a network: flopmeter model FILE --time -o FILE.jsonl writes "
        "them.");
    return section;
  }
  section.paragraphs.push_back(fmt::format(
      "Measured medians of a run, each on the number of threads that is fastest there, steady rows "
      "alone{}. Cost is of a million inferences, in the unit of the prices, on a machine that does "
      "nothing else.",
      question.target_latency > 0
          ? fmt::format("; the target is {}", scaled_time(question.target_latency))
          : std::string("; fleet report --target-latency 20ms would say which meet a target")));
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
  for (const RankedNetwork& network : networks) {
    std::int64_t rank = 0;
    for (const NetworkOnKind& on : network.on) {
      table.rows.push_back(
          {text_cell(network.shape), text_cell(network.dtype), count_cell(++rank),
           text_cell(kind_letter(fleet, on.kind)), count_cell(on.threads), time_cell(on.seconds),
           number_cell(batch_of(network.shape) / on.seconds),
           number_cell(cost_on(fleet, network, on)), text_cell(meets_text(question, on.seconds))});
    }
  }
  section.tables.push_back(std::move(table));
  return section;
}

/// Of each network the cheapest kind that meets the target.
Section cheapest_section(const Fleet& fleet, const std::vector<RankedNetwork>& networks,
                         const FleetQuestion& question) {
  Section section{.id = "cheapest",
                  .title = "Cheapest that meets the target",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  const bool priced = std::ranges::any_of(
      fleet.kinds, [](const FleetKind& kind) { return kind.price.has_value(); });
  if (!priced || question.target_latency <= 0 || networks.empty()) {
    section.paragraphs.emplace_back(
        "Needs rows of networks, --target-latency and --prices (CSV: machine,price_per_hour, where "
        "the machine is a CPU's name or what files begin with, such as amx of amx-3.jsonl).");
    return section;
  }
  TextTable table{.id = "cheapest-kinds",
                  .caption = "The cheapest kind of machine of each network",
                  .columns = {{"network"},
                              {"dtype"},
                              {"kind"},
                              {"threads", true},
                              {"latency", true},
                              {"cost/10^6", true}},
                  .rows = {}};
  for (const RankedNetwork& network : networks) {
    const NetworkOnKind* best = nullptr;
    for (const NetworkOnKind& on : network.on) {
      const auto cost = cost_on(fleet, network, on);
      if (on.seconds <= question.target_latency && cost &&
          (best == nullptr || *cost < *cost_on(fleet, network, *best))) {
        best = &on;
      }
    }
    table.rows.push_back(
        {text_cell(network.shape), text_cell(network.dtype),
         text_cell(best == nullptr ? "none that has a price" : kind_letter(fleet, best->kind)),
         count_cell(best == nullptr ? std::nullopt : std::optional<std::int64_t>(best->threads)),
         time_cell(best == nullptr ? std::nullopt : std::optional(best->seconds)),
         number_cell(best == nullptr ? std::nullopt : cost_on(fleet, network, *best))});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section nodes_of_fleet(const ReportData& data, const Fleet& fleet) {
  Section section{.id = "fleet-nodes",
                  .title = "Outliers among equal nodes",
                  .paragraphs = {},
                  .chart = fleet.nodes.empty() ? "" : "fleet-nodes",
                  .tables = {}};
  const auto outliers = static_cast<std::size_t>(
      std::ranges::count_if(fleet.nodes, [](const FleetNode& node) { return node.outlier; }));
  section.paragraphs.push_back(fmt::format(
      "A file is what one job left, so a node. Its ratio is the median over its rows of the peak "
      "that was measured beside them, over the median that its kind of machine has in that type on "
      "as many threads. {} of {} more than 10 % away: slower clocks, neighbours, a node that is "
      "not "
      "what it is said to be.",
      plural(outliers, "node is", "nodes are"), fleet.nodes.size()));
  TextTable table{
      .id = "nodes",
      .caption = "Nodes, the lowest first",
      .columns = {{"file"}, {"kind"}, {"rows", true}, {"peak, of its equals", true}, {""}},
      .rows = {},
      .searched = true};
  std::vector<FleetNode> nodes = fleet.nodes;
  std::ranges::stable_sort(nodes, {}, &FleetNode::ratio);
  for (const FleetNode& node : nodes) {
    table.rows.push_back(
        {text_cell(data.files[node.file]), text_cell(kind_letter(fleet, node.kind)),
         count_cell(static_cast<std::int64_t>(node.rows)), percent_cell(100 * node.ratio),
         text_cell(node.outlier ? "outlier" : "-")});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Json fleet_bar(std::string name, double value, std::string text, std::size_t series, bool hollow,
               std::vector<std::string> lines) {
  return {{"name", std::move(name)}, {"value", value},   {"text", std::move(text)},
          {"series", series},        {"hollow", hollow}, {"lines", std::move(lines)}};
}

Json fleet_figures(const ReportData& data, const Fleet& fleet,
                   const std::map<std::string, Speeds>& speeds,
                   const std::vector<RankedNetwork>& networks, const FleetQuestion& question) {
  Json machines = Json::array();
  const auto all = speeds.find("");
  for (std::size_t i = 0; i < fleet.kinds.size() && all != speeds.end(); ++i) {
    const auto speed = speed_of(all->second, i);
    machines.push_back(
        fleet_bar(kind_letter(fleet, i), speed.value_or(0),
                  speed ? significant(*speed, 3) + " x" : "no case in common", i, false,
                  {kind_letter(fleet, i),
                   fmt::format("{} times as fast as A over {} cases",
                               speed ? significant(*speed, 3) : "-", all->second.cases[i])}));
  }
  Json ranking = Json::array();
  for (const RankedNetwork& network : networks) {
    for (const NetworkOnKind& on : network.on) {
      const bool misses = question.target_latency > 0 && on.seconds > question.target_latency;
      ranking.push_back(
          fleet_bar(fmt::format("{} {} on {}", network.shape, network.dtype, letter(on.kind)),
                    fleet_milli * on.seconds, scaled_time(on.seconds), on.kind, misses,
                    {network.shape + " " + network.dtype, kind_letter(fleet, on.kind),
                     fmt::format("{} on {} threads", scaled_time(on.seconds), on.threads)}));
    }
  }
  Json nodes = Json::array();
  std::vector<FleetNode> sorted = fleet.nodes;
  std::ranges::stable_sort(sorted, std::ranges::greater{},
                           [](const FleetNode& node) { return std::abs(node.ratio - 1); });
  for (const FleetNode& node : sorted) {
    nodes.push_back(fleet_bar(
        data.files[node.file], 100 * node.ratio, significant(100 * node.ratio, 3) + " %", node.kind,
        node.outlier,
        {data.files[node.file], kind_letter(fleet, node.kind),
         fmt::format("peak {} % of the median of its kind", significant(100 * node.ratio, 3))}));
  }
  const auto figure = [](std::string x, Json rows, const std::string& caption) {
    const std::size_t total = rows.size();
    while (rows.size() > most_fleet_bars) {
      rows.erase(rows.size() - 1);
    }
    return Json{{"kind", "bars"},
                {"x", std::move(x)},
                {"caption", total > rows.size()
                                ? fmt::format("the first {} of {}; {}", rows.size(), total, caption)
                                : caption},
                {"rows", std::move(rows)}};
  };
  return {{"fleet-machines", figure("times as fast as A", machines, "geometric means")},
          {"fleet-networks",
           figure("latency, ms", ranking,
                  question.target_latency > 0 ? "hollow: misses the target" : "measured medians")},
          {"fleet-nodes", figure("peak, % of its equals", nodes,
                                 "farthest from its equals first; hollow: outlier")}};
}

std::vector<Finding> fleet_findings(const ReportData& data, const Fleet& fleet,
                                    const std::map<std::string, Speeds>& speeds,
                                    const std::vector<RankedNetwork>& networks) {
  std::size_t troubled = 0;
  for (const FleetKind& kind : fleet.kinds) {
    troubled += kind.unsteady + kind.failed;
  }
  std::string fastest = "not known";
  if (const auto all = speeds.find(""); all != speeds.end()) {
    double best = 0;
    for (std::size_t i = 0; i < fleet.kinds.size(); ++i) {
      if (speed_of(all->second, i).value_or(0) > best) {
        best = *speed_of(all->second, i);
        fastest = kind_letter(fleet, i);
      }
    }
  }
  const auto outliers =
      std::ranges::count_if(fleet.nodes, [](const FleetNode& node) { return node.outlier; });
  return {
      {"machines", plural(fleet.kinds.size(), "kind"),
       fmt::format("{} rows in {}", grouped(static_cast<std::int64_t>(data.all.size())),
                   plural(data.files.size(), "file"))},
      {"fastest", fastest, "by the geometric mean over the cases that it has in common with A"},
      {"networks", networks.empty() ? "none" : plural(networks.size(), "network"),
       networks.empty() ? "" : "each in a type and batch"},
      {"noise",
       fmt::format("{} rows not steady or failed", grouped(static_cast<std::int64_t>(troubled))),
       ""},
      {"outliers", fmt::format("{} of {} nodes", outliers, fleet.nodes.size()),
       "peak beside their rows more than 10 % from that of their equals"}};
}

}  // namespace

std::string fleet_page(const ReportData& data, const FleetQuestion& question) {
  const Fleet fleet = fleet_of(data, question);
  const auto speeds = speeds_by_layer(data, fleet);
  const auto networks = ranked_networks(data, fleet);
  return html_page(
      {.title = "flopmeter fleet report",
       .first = fmt::format("<section id=\"first\" aria-label=\"In short\">\n{}</section>\n",
                            html_findings(fleet_findings(data, fleet, speeds, networks))),
       .subtitle = fmt::format("{} rows in {}; page by {}",
                               grouped(static_cast<std::int64_t>(data.all.size())),
                               plural(data.files.size(), "file"), made_by()),
       .sections = {machines_section(data, fleet, speeds),
                    networks_section(fleet, networks, question),
                    cheapest_section(fleet, networks, question), nodes_of_fleet(data, fleet)},
       .data = {{"marks", series_marks()},
                {"figures", fleet_figures(data, fleet, speeds, networks, question)}},
       .script = embedded::figures_js()});
}

}  // namespace flopmeter::report
