// flopmeter machine: what the CPU can do that everything else is measured on.
#include "bench/machine/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/machine_output.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "app/threads_option.h"
#include "bench/library_versions.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr auto footer =
    "Every number is measured by generated code; nothing is looked up by the CPU's name\n"
    "(docs/machine.md). What the CPU lacks is a row with the reason.\n"
    "Exit codes: 0, 1 when a loop computed something else than it should, 2 bad usage.\n"
    "Examples:\n"
    "  flopmeter machine\n"
    "  flopmeter machine -o machine.json\n"
    "  flopmeter machine --quick --json --threads=1,2";

struct Options {
  MachineOptions machine;
  std::string output;
  bool json = false;
};

/// Opened before measuring, so that nothing is measured for nothing. Results are never overwritten.
std::ofstream open_new(const std::string& path) {
  std::error_code none;
  if (std::filesystem::file_size(path, none) > 0 && !none) {
    bad_input("'{}' holds something already: name a new file", path);
  }
  std::ofstream file(path);
  if (!file) {
    bad_input("cannot write '{}': name a file in a folder that exists", path);
  }
  return file;
}

int run_machine(const Options& options) {
  std::ofstream file;
  if (!options.output.empty()) {
    file = open_new(options.output);
  }
  const Environment environment = measure_environment(library_versions());
  Progress progress;
  const Machine machine = measure_machine(
      options.machine, [&](std::size_t done, std::size_t total, std::string_view what) {
        progress.show(done, total, what);
      });
  progress.clear();
  const std::string json = json_line(machine_json(machine, environment));
  fmt::print("{}", options.json ? json : machine_text(machine, environment));
  if (file.is_open() && !(file << json << std::flush)) {
    bad_input("cannot write '{}': is the disk full?", options.output);
  }
  return std::ranges::find(machine.throughput, "failed", &ThroughputRow::status) ==
                 machine.throughput.end()
             ? 0
             : 1;
}

}  // namespace

void add_machine(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "machine", "What this CPU reaches: every kind of instruction, its clock, memory");
  command->footer(footer);
  auto options = std::make_shared<Options>();
  command->add_option("-o,--output", options->output, "write one JSON document to this new file");
  command->add_flag("--json", options->json,
                    "the JSON document on standard output instead of the tables");
  add_threads(*command, "--threads", options->machine.cores,
              "numbers of cores to measure on (default: 1 and all)");
  command->add_flag("--quick", options->machine.quick,
                    "the peaks of f32, bf16 and s8, the clock, loads and triads: some 10 seconds");
  command->callback([options, &exit_code] { exit_code = run_machine(*options); });
}

}  // namespace flopmeter
