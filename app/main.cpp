// flopmeter: what a network's operations cost, by formula, by count and by the clock.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

#include "app/subcommands.h"
#include "kernels/bad_input.h"
#include "results/build_info.h"

namespace {

constexpr int bad_usage = 2;

constexpr auto description =
    "Counts and times neural-network operations on this CPU.\n"
    "A count of operations is FLOPs, a rate is FLOPS (GFLOPS); every number names its convention.\n"
    "Exit codes: 0 all is well, 1 a check found a disagreement, 2 bad usage.";

constexpr auto examples =
    "Examples:\n"
    "  flopmeter run                                        formulas, claims and a first timing\n"
    "  flopmeter count conv2d mb1ic3ih224oc64oh224kh3ph1    what one layer costs\n"
    "  flopmeter bench --layer conv2d --filter resnet50     how fast it runs\n"
    "  flopmeter report results.jsonl -o report.html        the results as a page\n"
    "  flopmeter claims                                     are the published formulas true?\n"
    "  flopmeter check linear 'macs = mb*ic*oc'             is a formula of yours true?\n"
    "flopmeter SUBCOMMAND --help tells more.";

/// One line, whatever the message held.
std::string one_line(std::string text) {
  for (char& c : text) {
    c = c == '\n' ? ' ' : c;
  }
  return text;
}

/// Where stderr is closed or full, there is nowhere to say it; fmt would throw.
void complain(const std::string& problem) {
  std::fputs(("flopmeter: " + problem + "\n").c_str(), stderr);
}

/// What was printed may still be on its way to a disk that is full.
bool stdout_is_written() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

/// CLI11 would only say that a subcommand is missing.
void check_command(const CLI::App& app, const std::string& word) {
  std::string known;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (word.starts_with('-') || command->check_name(word)) {
      return;
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", command->get_name());
  }
  flopmeter::bad_input("unknown command '{}': one of {}", word, known);
}

int run(int argc, char** argv) {
  CLI::App app{description, "flopmeter"};
  app.footer(examples);
  app.require_subcommand(1);
  app.set_version_flag("--version",
                       fmt::format("flopmeter {} ({})", flopmeter::build_info().version,
                                   flopmeter::build_info().commit));
  int exit_code = 0;
  flopmeter::add_run(app, exit_code);
  flopmeter::add_count(app, exit_code);
  flopmeter::add_validate(app, exit_code);
  flopmeter::add_claims(app, exit_code);
  flopmeter::add_check(app, exit_code);
  flopmeter::add_training(app, exit_code);
  flopmeter::add_bench(app, exit_code);
  flopmeter::add_compare(app, exit_code);
  flopmeter::add_machine(app, exit_code);
  flopmeter::add_fma(app, exit_code);
  flopmeter::add_isa(app, exit_code);
  flopmeter::add_exec(app, exit_code);
  flopmeter::add_report(app, exit_code);
  flopmeter::add_list(app, exit_code);
  if (argc > 1) {
    check_command(app, argv[1]);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help, --version
    }
    complain(fmt::format("{} (see flopmeter --help)", one_line(error.what())));
    return bad_usage;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int exit_code = run(argc, argv);
    if (stdout_is_written()) {
      return exit_code;
    }
    complain("cannot write to stdout: the output is not complete");
  } catch (const std::exception& error) {
    complain(one_line(error.what()));
  }
  return bad_usage;
}
