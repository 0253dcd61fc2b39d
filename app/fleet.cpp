// flopmeter fleet: the same work on many kinds of machine, as job arrays of Slurm.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/number_option.h"
#include "app/planning_commands.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

/// A command that takes --shard, and the option without which it does not.
struct ShardedCommand {
  std::string_view name, needs;
};
constexpr std::array<ShardedCommand, 5> sharded_commands{
    {{"run", ""}, {"bench", ""}, {"validate", ""}, {"model", "--time"}, {"plan", "--check"}}};

bool takes_shard(const std::vector<std::string>& command) {
  return std::ranges::any_of(sharded_commands, [&](const ShardedCommand& one) {
    return !command.empty() && command.front() == one.name &&
           (one.needs.empty() || std::ranges::find(command, one.needs) != command.end());
  });
}

struct FleetOptions {
  std::vector<std::string> constraints, command;
  std::string folder = "fleet", program = "flopmeter", partition;
  std::size_t shards = 8;
  bool submit = false;
};

/// A word for sh. Single quotes, so that nothing in it is a command.
std::string for_shell(const std::string& word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("-_./:=,+%@").find(static_cast<char>(c)) != std::string_view::npos;
  });
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return plain ? word : quoted + "'";
}

std::string joined_words(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  std::ranges::transform(words, std::back_inserter(quoted), for_shell);
  return fmt::format("{}", fmt::join(quoted, " "));
}

/// Names go into file names, directives and variables.
void require_names(const FleetOptions& options) {
  for (const std::string& name : options.constraints) {
    const bool fits = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    });
    if (!fits) {
      bad_input("--constraint '{}': features of nodes, letters and digits, divided by commas",
                name);
    }
  }
  for (const std::string& text : {options.folder, options.partition}) {
    if (text.find_first_of(" \t\n'\"\\$`") != std::string::npos) {
      bad_input("'{}': a name without blanks and quotes, as it goes into a job", text);
    }
  }
  if (!takes_shard(options.command)) {
    bad_input(
        "fleet submit: behind -- a command that takes --shard: run, bench, validate, model --time "
        "or "
        "plan --check");
  }
}

std::string common_directives(const FleetOptions& options, std::string_view name) {
  return fmt::format(
      "#SBATCH --job-name=flopmeter-{}\n{}", name,
      options.partition.empty() ? "" : fmt::format("#SBATCH --partition={}\n", options.partition));
}

/// An array for one kind of machine, a task a shard. A task that is requeued goes on where it was.
std::string array_text(const FleetOptions& options, const std::string& feature, std::size_t place) {
  const std::string stem = fmt::format("{}/{}", options.folder, feature);
  const bool keeps_file = options.command.front() != "validate";
  const std::string file =
      keeps_file ? fmt::format(" -o \"{}-$SLURM_ARRAY_TASK_ID.jsonl\" --resume", stem) : "";
  return fmt::format(
      "job{0}=$(sbatch --parsable <<'END'\n#!/bin/sh\n{1}#SBATCH --array=0-{2}\n"
      "#SBATCH --constraint={3}\n#SBATCH --exclusive\n#SBATCH --requeue\n"
      "#SBATCH --open-mode=append\n#SBATCH --output={4}-%a.log\n"
      "exec {5} {6} --shard \"$SLURM_ARRAY_TASK_ID/{7}\"{8}\nEND\n) || exit 1\n",
      place, common_directives(options, feature), options.shards - 1, feature, stem,
      for_shell(options.program), joined_words(options.command), options.shards, file);
}

std::string merge_text(const FleetOptions& options) {
  if (options.command.front() == "validate") {
    return "";
  }
  std::string after;
  for (std::size_t i = 0; i < options.constraints.size(); ++i) {
    after += fmt::format(":${{job{}%%;*}}", i);
  }
  return fmt::format(
      "sbatch --parsable --dependency=\"afterany{0}\" <<'END'\n#!/bin/sh\n{1}"
      "#SBATCH --output={2}/merge.log\nexec {3} merge {2} -o {2}/all.jsonl\nEND\n",
      after, common_directives(options, "merge"), options.folder, for_shell(options.program));
}

std::string submission(const FleetOptions& options) {
  std::string text = fmt::format("#!/bin/sh\nmkdir -p {} || exit 1\n", options.folder);
  for (std::size_t i = 0; i < options.constraints.size(); ++i) {
    text += array_text(options, options.constraints[i], i);
  }
  return text + merge_text(options);
}

int send(const std::string& script) {
  // NOLINTNEXTLINE(cert-env33-c): the shell is what the script is for
  std::FILE* shell = popen("/bin/sh", "w");
  if (shell == nullptr || std::fputs(script.c_str(), shell) < 0) {
    bad_input("--submit: cannot start /bin/sh");
  }
  if (pclose(shell) != 0) {
    bad_input(
        "--submit: sbatch failed: is this a node of a Slurm cluster? Without --submit the "
        "script is printed");
  }
  return 0;
}

int submit(const FleetOptions& options) {
  require_names(options);
  const std::string script = submission(options);
  if (options.submit) {
    return send(script);
  }
  fmt::print("{}", script);
  return 0;
}

}  // namespace

void add_fleet(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("fleet", "The same work on many kinds of machine");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n  flopmeter fleet submit --constraint amx,avx512 --shards 8 -- run\n"
      "  flopmeter fleet status fleet\n"
      "  flopmeter fleet report fleet -o fleet.html\n"
      "flopmeter fleet submit --help tells more.");
  add_fleet_status(*command, exit_code);
  add_fleet_report(*command, exit_code);
  CLI::App* jobs = command->add_subcommand("submit", "Job arrays of Slurm, one a kind of machine");
  jobs->footer(
      "Prints a shell script; --submit runs it. Every task has a node of its own; a merge "
      "follows.\n"
      "Examples:\n"
      "  flopmeter fleet submit --constraint amx,avx512 -- bench --layer conv2d\n"
      "  flopmeter fleet submit --constraint avx2 --shards 20 --submit -- run --per-layer 0");
  auto options = std::make_shared<FleetOptions>();
  jobs->add_option("--constraint", options->constraints, "features of nodes, one array each")
      ->delimiter(',')
      ->required();
  add_number<std::size_t>(*jobs, "--shards", options->shards, {1, 100'000}, "tasks of an array");
  jobs->add_option("--folder", options->folder, "where results go (default: fleet)");
  jobs->add_option("--program", options->program, "as nodes find it (default: flopmeter)");
  jobs->add_option("--partition", options->partition, "of the cluster");
  jobs->add_flag("--submit", options->submit, "send the jobs instead of printing them");
  jobs->add_option("command", options->command,
                   "behind --: run, bench, validate, model --time or plan --check, with options")
      ->required();
  jobs->callback([options, &exit_code] { exit_code = submit(*options); });
}

}  // namespace flopmeter
