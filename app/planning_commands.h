// The subcommands about machines that are not at hand, and about many of them.
#pragma once

#include <CLI/CLI.hpp>

namespace flopmeter {

void add_plan(CLI::App& app, int& exit_code);
void add_merge(CLI::App& app, int& exit_code);
void add_fleet(CLI::App& app, int& exit_code);
/// Subcommands of fleet.
void add_fleet_status(CLI::App& fleet, int& exit_code);
void add_fleet_report(CLI::App& fleet, int& exit_code);

}  // namespace flopmeter
