// flopmeter: what a network's operations cost, by formula, by count and by the clock.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "app/standard_streams.h"
#include "app/subcommands.h"
#include "app/unbind_threads.h"
#include "bench/library_versions.h"
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
    "  flopmeter model resnet50.onnx                        what a network from a file costs\n"
    "  flopmeter bench --layer conv2d --filter resnet50     how fast it runs\n"
    "  flopmeter report results.jsonl -o report.html        the results as a page\n"
    "  flopmeter claims                                     are the published formulas true?\n"
    "  flopmeter check linear 'macs = mb*ic*oc'             is a formula of yours true?\n"
    "flopmeter SUBCOMMAND --help tells more.";

/// Made when it is asked for: the libraries say their versions themselves, and few commands load them all.
std::string version_text() {
  std::string libraries;  // "oneDNN 2.6.3, Eigen 3.4.0, ..."
  for (const auto& [name, version] : flopmeter::library_versions()) {
    libraries += fmt::format("{}{} {}", libraries.empty() ? "" : ", ", name, version);
  }
  return fmt::format("flopmeter {} ({})\n{}", flopmeter::build_info().version,
                     flopmeter::build_info().commit, libraries);
}

/// CLI11 would only say that a subcommand is missing.
void check_command(const CLI::App& app, const std::string& word) {
  std::string known;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (word.starts_with('-') || command->check_name(word)) {
      return;
    }
    if (!command->get_group().empty()) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", command->get_name());
    }
  }
  flopmeter::bad_input("unknown command '{}': one of {}", word, known);
}

int run(int argc, char** argv) {
  CLI::App app{description, "flopmeter"};
  app.footer(examples);
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text);
  int exit_code = 0;
  flopmeter::add_subcommands(app, exit_code, argc > 1 ? argv[1] : "");
  if (argc > 1) {
    check_command(app, argv[1]);
  }
  // A program under exec keeps its own settings and its own output.
  if (argc > 1 && std::string_view(argv[1]) != "exec") {
    if (const std::string_view variable = flopmeter::silence_libraries(); !variable.empty()) {
      flopmeter::complain(
          fmt::format("flopmeter: {} is ignored: oneDNN would print among the results", variable));
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help, --version
    }
    flopmeter::complain(fmt::format("flopmeter: {} (see flopmeter --help)", error.what()));
    return bad_usage;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  flopmeter::occupy_closed_streams();
  if (argc > 1 && std::string_view(argv[1]) != "exec") {
    flopmeter::unbind_threads(argv);
  }
  int exit_code = bad_usage;
  try {
    exit_code = run(argc, argv);
  } catch (const std::exception& error) {
    // Where standard output is what failed, finish says so.
    if (std::ferror(stdout) == 0) {
      flopmeter::complain(fmt::format("flopmeter: {}", error.what()));
    }
  }
  return flopmeter::finish(exit_code);
}
