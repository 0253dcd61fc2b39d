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
#include "app/machine_profile.h"
#include "app/number_option.h"
#include "app/replace_file.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "app/threads_option.h"
#include "bench/library_versions.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr auto machine_footer =
    "Every number is measured by generated code; nothing is looked up by the CPU's name\n"
    "(docs/machine.md). What the CPU lacks is a row with the reason.\n"
    "Exit codes: 0, 1 when a loop computed something else than it should, 2 bad usage.\n"
    "--profile adds what flopmeter plan needs (docs/plan.md).\n"
    "Examples:\n"
    "  flopmeter machine\n"
    "  flopmeter machine -o machine.json\n"
    "  flopmeter machine --quick --json --threads=1,2\n"
    "  flopmeter machine --quick --profile --dtype=f32,bf16 -o machine.json\n"
    "  flopmeter machine --profile --resume -o machine.json\n"
    "  flopmeter machine --compare a.json b.json";

struct MachineCommand {
  MachineOptions machine;
  std::string output;
  bool json = false;
  bool profile = false, resume = false;
  std::vector<std::string> dtypes;
  std::vector<std::string> compare;
  double profile_seconds = MachineProfileOptions{}.seconds;
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

Machine measured_machine(const MachineCommand& options) {
  Progress progress;
  Machine machine = measure_machine(
      options.machine, [&](std::size_t done, std::size_t total, std::string_view what) {
        progress.show(done, total, what);
      });
  progress.clear();
  return machine;
}

int exit_code_of(const Machine& machine) {
  return std::ranges::find(machine.throughput, "failed", &ThroughputRow::status) ==
                 machine.throughput.end()
             ? 0
             : 1;
}

/// What another build or another machine measured does not fit to what is measured now.
void require_same(const Environment& before, const Environment& now, const std::string& path) {
  if (before == now) {
    return;
  }
  const Json first = to_json(before);
  const Json second = to_json(now);
  for (const auto& [key, value] : first.items()) {
    if (value != second.at(key)) {
      bad_input(
          "--resume: '{}' is of another machine or build: {} {} there, {} here; name a new file",
          path, key, value.dump(), second.at(key).dump());
    }
  }
}

/// The file so far, if it is resumed.
MachineFile file_to_profile(const MachineCommand& options, const Environment& environment) {
  if (options.output.empty()) {
    bad_input("--profile takes minutes and is kept in a file: name it with -o");
  }
  std::error_code none;
  if (options.resume && std::filesystem::file_size(options.output, none) > 0 && !none) {
    MachineFile file = read_machine_file(options.output);
    require_same(file.environment, environment, options.output);
    if (file.profile && file.profile->source != "measured") {
      bad_input("--resume: the profile of '{}' is of a {}, not measured", options.output,
                file.profile->source);
    }
    return file;
  }
  open_new(options.output);
  return {options.output, environment, measured_machine(options), {}};
}

int run_profile(const MachineCommand& options) {
  MachineProfileOptions wanted{.threads = options.machine.cores,
                               .seconds = options.profile_seconds};
  if (!options.dtypes.empty()) {
    wanted.dtypes.clear();
    std::ranges::transform(options.dtypes, std::back_inserter(wanted.dtypes), parse_dtype);
  }
  const Environment environment = measure_environment(library_versions());
  MachineFile file = file_to_profile(options, environment);
  Profile profile = file.profile.value_or(Profile{});
  profile.build = fingerprint(environment);
  const auto save = [&](const Profile& so_far) {
    Json json = machine_json(file.machine, environment);
    json["profile"] = to_json(so_far);
    replace_file(options.output, json_line(json));
  };
  measure_profile(profile, wanted, save);
  file.profile = std::move(profile);
  if (!options.json) {
    fmt::print("{}{}", machine_text(file.machine, environment), profile_text(file));
  } else {
    Json json = machine_json(file.machine, environment);
    json["profile"] = to_json(*file.profile);
    fmt::print("{}", json_line(json));
  }
  return exit_code_of(file.machine);
}

int compare_files(const MachineCommand& options) {
  if (options.compare.size() != 2) {
    bad_input("--compare: two machine files, a.json b.json");
  }
  fmt::print("{}", compare_machines(read_machine_file(options.compare[0]),
                                    read_machine_file(options.compare[1])));
  return 0;
}

int run_machine(const MachineCommand& options) {
  std::ofstream file;
  if (!options.output.empty()) {
    file = open_new(options.output);
  }
  const Environment environment = measure_environment(library_versions());
  const Machine machine = measured_machine(options);
  const std::string json = json_line(machine_json(machine, environment));
  fmt::print("{}", options.json ? json : machine_text(machine, environment));
  if (file.is_open() && !(file << json << std::flush)) {
    bad_input("cannot write '{}': is the disk full?", options.output);
  }
  return exit_code_of(machine);
}

}  // namespace

void add_machine(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "machine", "What this CPU reaches: every kind of instruction, its clock, memory");
  command->footer(machine_footer);
  auto options = std::make_shared<MachineCommand>();
  command->add_option("-o,--output", options->output, "write one JSON document to this new file");
  command->add_flag("--json", options->json,
                    "the JSON document on standard output instead of the tables");
  add_threads(*command, "--threads", options->machine.cores,
              "numbers of cores to measure on (default: 1 and all)");
  command->add_flag("--quick", options->machine.quick,
                    "the peaks of f32, bf16 and s8, the clock, loads and triads: some 10 seconds");
  command->add_flag(
      "--profile", options->profile,
      "also what flopmeter plan needs: efficiency of each class of node, at 1, half and "
      "all cores; needs -o");
  command->add_option("--dtype", options->dtypes, "number types of --profile (default f32)")
      ->delimiter(',');
  add_number<double>(
      *command, "--profile-seconds", options->profile_seconds, {1, 86400},
      "of --profile, a number type; 12 points of each class are measured in any case");
  command->add_flag("--resume", options->resume,
                    "with --profile: add to the file what it lacks; the same build and machine");
  command->add_option("--compare", options->compare, "what differs between two machine files")
      ->expected(2);
  command->callback([options, &exit_code] {
    exit_code = !options->compare.empty() ? compare_files(*options)
                : options->profile        ? run_profile(*options)
                                          : run_machine(*options);
  });
}

}  // namespace flopmeter
