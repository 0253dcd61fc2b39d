// One function a subcommand: adds it to the command line; `exit_code` is set when it ran.
#pragma once

#include <CLI/CLI.hpp>
#include <string_view>

namespace flopmeter {

void add_run(CLI::App& app, int& exit_code);
void add_count(CLI::App& app, int& exit_code);
void add_validate(CLI::App& app, int& exit_code);
void add_claims(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_training(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_compare(CLI::App& app, int& exit_code);
void add_machine(CLI::App& app, int& exit_code);
void add_fma(CLI::App& app, int& exit_code);
void add_isa(CLI::App& app, int& exit_code);
void add_exec(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_model(CLI::App& app, int& exit_code);
void add_diff(CLI::App& app, int& exit_code);
void add_list(CLI::App& app, int& exit_code);

/// All of them, in the order of the help; or that alone which is asked for, where that is enough: to make the
/// others takes as long as many a command does.
void add_subcommands(CLI::App& app, int& exit_code, std::string_view asked = "");

}  // namespace flopmeter
