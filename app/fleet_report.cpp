// flopmeter fleet report: what the rows of a fleet say, as one page.
#include <fmt/format.h>

#include <memory>

#include "app/planning_commands.h"
#include "app/read_file.h"
#include "app/replace_file.h"
#include "app/result_folder.h"
#include "kernels/bad_input.h"
#include "models/plan/candidate.h"
#include "results/report/fleet_page.h"

namespace flopmeter {
namespace {

struct FleetReportOptions {
  std::string folder = "fleet", output, latency, prices;
};

report::FleetQuestion question_of(const FleetReportOptions& options) {
  report::FleetQuestion question;
  if (!options.latency.empty()) {
    question.target_latency = planner::parse_latency(options.latency);
  }
  if (!options.prices.empty()) {
    const auto text = read_file(options.prices);
    if (!text) {
      bad_input("--prices '{}' cannot be read: a CSV file, machine,price_per_hour", options.prices);
    }
    question.prices = planner::parse_prices(*text, options.prices);
  }
  return question;
}

/// What fleet submit's last job merges stands beside what it was merged from.
std::vector<std::string> files_of_nodes(const std::string& folder) {
  const std::vector<std::filesystem::path> files = result_files(folder);
  std::vector<std::string> paths;
  for (const std::filesystem::path& file : files) {
    if (files.size() == 1 || file.filename() != "all.jsonl") {
      paths.push_back(file.string());
    }
  }
  return paths;
}

/// Machines are not left out, and single rows not drawn.
int fleet_report(const FleetReportOptions& options) {
  const report::FleetQuestion question = question_of(options);
  const std::vector<std::string> paths = files_of_nodes(options.folder);
  const report::ReportData data =
      report::read_report(paths, {.rows = 0, .machines = report::no_limits.machines});
  replace_file(options.output, report::fleet_page(data, question));
  fmt::print("{}\n", options.output);
  return 0;
}

}  // namespace

void add_fleet_report(CLI::App& fleet, int& exit_code) {
  CLI::App* command = fleet.add_subcommand("report", "Machines, networks and nodes as one page");
  command->footer(
      "Reads the result files that jobs left, or one that merge made of them. --prices is a CSV "
      "file,\n"
      "machine,price_per_hour, where the machine is a CPU's name or what files begin with: amx of\n"
      "amx-3.jsonl.\n"
      "Exit codes: 0, 2 bad usage.\n"
      "Examples:\n"
      "  flopmeter fleet report fleet -o fleet.html\n"
      "  flopmeter fleet report fleet -o fleet.html --target-latency 20ms --prices prices.csv");
  auto options = std::make_shared<FleetReportOptions>();
  command->add_option("folder", options->folder, "where jobs leave their .jsonl files")
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "the page, one HTML file (overwritten)")
      ->required();
  command->add_option("--target-latency", options->latency, "of a run of a network: 20ms");
  command->add_option("--prices", options->prices, "a CSV file: machine,price_per_hour");
  command->callback([options, &exit_code] { exit_code = fleet_report(*options); });
}

}  // namespace flopmeter
