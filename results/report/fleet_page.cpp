#include "results/report/fleet_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embedded/figures_js.h"
#include "results/cell.h"
#include "results/report/fleet_sections.h"
#include "results/report/page.h"
#include "results/report/series.h"

namespace flopmeter::report {
namespace {

std::vector<Finding> fleet_findings(const FleetView& view) {
  std::size_t troubled = 0;
  for (const FleetKind& kind : view.fleet.kinds) {
    troubled += kind.unsteady + kind.failed;
  }
  std::string fastest = "not known";
  if (const auto all = view.speeds.find(""); all != view.speeds.end()) {
    double best = 0;
    for (std::size_t i = 0; i < view.fleet.kinds.size(); ++i) {
      if (speed_of(all->second, i).value_or(0) > best) {
        best = *speed_of(all->second, i);
        fastest = kind_letter(view.fleet, i);
      }
    }
  }
  const auto outliers =
      std::ranges::count_if(view.fleet.nodes, [](const FleetNode& node) { return node.outlier; });
  return {
      {"machines", plural(view.fleet.kinds.size(), "kind"),
       fmt::format("{} rows in {}", grouped(static_cast<std::int64_t>(view.data.all.size())),
                   plural(view.data.files.size(), "file"))},
      {"fastest", fastest, "by the geometric mean over the cases that it has in common with A"},
      {"networks", view.networks.empty() ? "none" : plural(view.networks.size(), "network"),
       view.networks.empty() ? "" : "each in a type and batch"},
      {"noise",
       fmt::format("{} rows not steady or failed", grouped(static_cast<std::int64_t>(troubled))),
       ""},
      {"outliers", fmt::format("{} of {} nodes", outliers, view.fleet.nodes.size()),
       "peak beside their rows more than 10 % from that of their equals"}};
}

}  // namespace

std::string fleet_page(const ReportData& data, const FleetQuestion& question) {
  const Fleet fleet = fleet_of(data, question);
  const FleetView view{.data = data,
                       .fleet = fleet,
                       .question = question,
                       .speeds = speeds_by_layer(data, fleet),
                       .networks = ranked_networks(data, fleet)};
  return html_page(
      {.title = "flopmeter fleet report",
       .first = fmt::format("<section id=\"first\" aria-label=\"In short\">\n{}</section>\n",
                            html_findings(fleet_findings(view))),
       .subtitle = fmt::format("{} rows in {}; page by {}",
                               grouped(static_cast<std::int64_t>(data.all.size())),
                               plural(data.files.size(), "file"), made_by()),
       .sections = fleet_sections(view),
       .data = {{"marks", series_marks()}, {"figures", fleet_figures(view)}},
       .script = embedded::figures_js()});
}

}  // namespace flopmeter::report
