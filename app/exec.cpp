// flopmeter exec: what a whole program executes.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/exec_output.h"
#include "app/exec_program.h"
#include "app/exec_report.h"
#include "app/exec_run.h"
#include "app/number_option.h"
#include "app/subcommands.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr auto footer =
    "The program runs as ever, with its own input, output and exit code, and 1.5 to 3 times as\n"
    "long; the summary follows on stderr. docs/exec.md tells what is counted and what is not.\n"
    "Examples:\n"
    "  flopmeter exec -- ./simulate input.dat\n"
    "  flopmeter exec --children -o build.txt -- g++ -O2 -c main.cpp\n"
    "  flopmeter exec --json -o counts.json -- python3 train.py";

struct Options {
  std::vector<std::string> command;
  std::string output;
  std::size_t top = 10;
  bool children = false;
  bool json = false;
};

/// Opened before the program runs, so that nothing is counted for nothing.
class Output {
 public:
  explicit Output(const std::string& path)
      : file_(path.empty() ? stderr : std::fopen(path.c_str(), "we")) {
    if (file_ == nullptr) {
      bad_input("cannot write '{}': name a file in a folder that exists", path);
    }
  }
  ~Output() {
    if (file_ != stderr) {
      std::fclose(file_);
    }
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(const std::string& text) const {
    fmt::print(file_, "{}", text);
    std::fflush(file_);
  }

 private:
  std::FILE* file_;
};

Ended run_exec(const Options& options) {
  const std::string file = find_program(options.command.front());
  require_countable(file);
  const Output output(options.output);
  const RecordFolder folder;
  const Ended ended = run_counted(file, options.command, folder, options.children);
  const ExecReport report = read_report(options.command, ended, folder.path());
  output.write(options.json ? to_json(report, options.top).dump() + "\n"
                            : to_text(report, options.top));
  return ended;
}

}  // namespace

void add_exec(CLI::App& app, int& exit_code) {
  CLI::App* exec = app.add_subcommand("exec", "What a whole program executes");
  exec->footer(footer);
  auto options = std::make_shared<Options>();
  exec->add_option("command", options->command, "-- the program and its arguments")->required();
  exec->add_option("-o,--output", options->output, "a file for the summary, instead of stderr");
  add_number<std::size_t>(*exec, "--top", options->top, {0, 1'000'000},
                          "how many functions and modules are named");
  exec->add_flag("--children", options->children, "count the programs that it starts, too");
  exec->add_flag("--json", options->json, "one JSON object");
  exec->callback([options, &exit_code] { exit_code = end_alike(run_exec(*options)); });
}

}  // namespace flopmeter
