// flopmeter merge: one result file from those of many jobs.
#include "results/merge.h"

#include <fmt/format.h>

#include <fstream>
#include <memory>

#include "app/planning_commands.h"
#include "app/result_folder.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

struct MergeOptions {
  std::string folder, output;
};

int run_merge(const MergeOptions& options) {
  std::error_code none;
  if (std::filesystem::file_size(options.output, none) > 0 && !none) {
    bad_input("'{}' holds something already: name a new file", options.output);
  }
  const std::vector<std::filesystem::path> files = result_files(options.folder, options.output);
  std::ofstream out(options.output);
  const MergeSummary summary = merge_results(files, out);
  if (!out.flush()) {
    bad_input("cannot write '{}': is the disk full?", options.output);
  }
  fmt::print("{} files, {} rows, {} repeats dropped{}\n", summary.files, summary.rows,
             summary.repeats,
             summary.cut > 0 ? fmt::format(", {} last lines that were cut off", summary.cut) : "");
  for (const Missing& of : summary.missing) {
    for (const std::string& what : of.first) {
      fmt::print("missing: {} on {}\n", what, of.kind);
    }
    if (of.count > of.first.size()) {
      fmt::print("and {} more that are missing on {}\n", of.count - of.first.size(), of.kind);
    }
  }
  return summary.missing.empty() ? 0 : 1;
}

}  // namespace

void add_merge(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("merge", "One result file from those of many jobs");
  command->footer(
      "Refuses files of two builds, drops repeats, says what is missing on each kind of machine\n"
      "(docs/fleet.md).\n"
      "Exit codes: 0, 1 when something is missing, 2 bad usage.\n"
      "Examples:\n  flopmeter merge results -o all.jsonl");
  auto options = std::make_shared<MergeOptions>();
  command->add_option("folder", options->folder, "a folder with .jsonl files")->required();
  command->add_option("-o,--output", options->output, "the new file")->required();
  command->callback([options, &exit_code] { exit_code = run_merge(*options); });
}

}  // namespace flopmeter
