// flopmeter exec: what a whole program executes.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/exec_destination.h"
#include "app/exec_output.h"
#include "app/exec_program.h"
#include "app/exec_report.h"
#include "app/exec_run.h"
#include "app/memory_ahead.h"
#include "app/number_option.h"
#include "app/subcommands.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr auto exec_footer =
    "The program runs as ever, with its own input, output and exit code, but longer; the summary\n"
    "follows on stderr. docs/exec.md tells what is counted and what is not.\n"
    "Exit code: the program's; 2 where it could not be run; 125 where the summary could not be\n"
    "written: stderr then says how the program ended.\n"
    "Examples:\n"
    "  flopmeter exec -- ./simulate input.dat\n"
    "  flopmeter exec --children -o build.txt -- g++ -O2 -c main.cpp\n"
    "  flopmeter exec --json -o counts.json -- python3 train.py";

struct ExecCommand {
  std::vector<std::string> command;
  std::string output;
  std::string region;
  std::size_t top = 10;
  bool children = false;
  bool json = false;
};

/// As env, timeout and nohup say that they themselves have failed.
constexpr int no_summary = 125;

/// Arguments and names of regions are bytes, which JSON cannot hold unless they are UTF-8.
std::string json_text(const ExecReport& report, std::size_t top) {
  return to_json(report, top).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// Empty, or why there is no summary where it should be.
std::string summarize(const ExecCommand& options, const Ended& ended,
                      const executed::RecordSpace& records, Destination& destination) {
  try {
    // Too large for a stack, whose pages are made one by one.
    const std::unique_ptr<const ExecReport> report(new ExecReport(
        read_report(options.command, ended, records.path(), options.region, options.children)));
    return destination.write(options.json ? json_text(*report, options.top)
                                          : to_text(*report, options.top));
  } catch (const std::exception& error) {
    return fmt::format("cannot make the summary: {}", error.what());
  }
}

std::string is_name(const std::string& text) {
  return text.empty() ? "the name of a region is at least one byte" : "";
}

int run_exec(const ExecCommand& options) {
  constexpr std::size_t for_small_programs = 2U << 20U;
  make_memory(for_small_programs);
  keep_standard_streams_apart();
  const std::string file = find_program(options.command.front());
  require_countable(file);
  Destination destination(options.output);
  const executed::RecordSpace records;
  const Ended ended = run_counted(file, options.command, records, options.children);
  if (const std::size_t bytes = 3 * records.used_bytes(); bytes > for_small_programs) {
    make_memory(bytes);
  }
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is told of by write
  const std::string problem = summarize(options, ended, records, destination);
  if (problem.empty()) {
    return end_alike(ended);
  }
  const std::string line =
      fmt::format("flopmeter: {}; the program itself ended: {}\n", problem, ending(ended));
  std::fputs(line.c_str(), stderr);
  return no_summary;
}

}  // namespace

void add_exec(CLI::App& app, int& exit_code) {
  CLI::App* exec = app.add_subcommand("exec", "What a whole program executes");
  exec->footer(exec_footer);
  auto options = std::make_shared<ExecCommand>();
  exec->add_option("command", options->command, "-- the program and its arguments")->required();
  exec->add_option("-o,--output", options->output, "a file for the summary, instead of stderr");
  exec->add_option("--region", options->region,
                   "only what runs in regions of this name (flopmeter/region.h)")
      ->check(is_name);
  add_number<std::size_t>(*exec, "--top", options->top, {0, 1'000'000},
                          "how many functions and modules are named");
  exec->add_flag("--children", options->children, "count the programs that it starts, too");
  exec->add_flag("--json", options->json, "one JSON object");
  exec->callback([options, &exit_code] { exit_code = run_exec(*options); });
}

}  // namespace flopmeter
