// flopmeter report: result files as one page, a drawing or Markdown.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "app/replace_file.h"
#include "app/subcommands.h"
#include "kernels/bad_input.h"
#include "results/read_results.h"
#include "results/report/html_report.h"
#include "results/report/markdown_report.h"
#include "results/report/report_data.h"
#include "results/report/roofline_svg.h"

namespace flopmeter {
namespace {

struct ReportOptions {
  std::vector<std::string> inputs;
  std::string html;
  std::string svg;
  std::string markdown;
};

/// Throws CannotRead naming the file.
report::ReportData read_all(const std::vector<std::string>& paths) {
  std::vector<report::SourceFile> files;
  for (const std::string& path : paths) {
    files.push_back({path, read_results(path)});
  }
  return report::merge(files);
}

/// Overwrites the file, but never one that the report is made of.
void write_report(const ReportOptions& options, const std::string& path, const std::string& text) {
  const auto is_input = [&](const std::string& input) {
    std::error_code absent;
    return std::filesystem::equivalent(input, path, absent);
  };
  if (std::ranges::any_of(options.inputs, is_input)) {
    bad_input("'{}' is a file of results: give another name for the output", path);
  }
  replace_file(path, text);
  fmt::print("{}\n", path);
}

int make_report(const ReportOptions& options) {
  if (options.html.empty() && options.svg.empty() && options.markdown.empty()) {
    bad_input("report: name at least one output: -o report.html, --svg FILE or --markdown FILE");
  }
  const report::ReportData data = read_all(options.inputs);
  if (!options.html.empty()) {
    write_report(options, options.html, report::html_report(data));
  }
  if (!options.svg.empty()) {
    write_report(options, options.svg, report::roofline_svg(report::rooflines(data), data));
  }
  if (!options.markdown.empty()) {
    write_report(options, options.markdown, report::markdown_report(data));
  }
  return 0;
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("report", "Result files as one self-contained page, with a roofline");
  auto options = std::make_shared<ReportOptions>();
  command->add_option("results", options->inputs, "JSON Lines files of bench, run or machine")
      ->required()
      ->type_name("FILE");
  command->add_option("-o,--output", options->html, "the page, one HTML file (overwritten)");
  command->add_option("--svg", options->svg, "the roofline as a drawing (overwritten)");
  command->add_option("--markdown", options->markdown,
                      "in short, to paste into an issue or a chat (overwritten)");
  command->footer(
      "Several files are merged; of rows for the same case and environment, the last one counts.\n"
      "Exit codes: 0, 2 when a file cannot be read or written.\n"
      "Examples:\n"
      "  flopmeter report results.jsonl -o report.html\n"
      "  flopmeter report monday.jsonl tuesday.jsonl --svg roofline.svg --markdown report.md");
  command->callback([options, &exit_code] { exit_code = make_report(*options); });
}

}  // namespace flopmeter
