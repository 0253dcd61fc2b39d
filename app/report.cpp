// flopmeter report: result files as one page, a drawing or Markdown.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "app/read_file.h"
#include "app/replace_file.h"
#include "app/subcommands.h"
#include "kernels/bad_input.h"
#include "results/json.h"
#include "results/read_results.h"
#include "results/report/html_report.h"
#include "results/report/markdown_report.h"
#include "results/report/network_page.h"
#include "results/report/plan_page.h"
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

/// What is in a file that holds one object and no rows; nothing where it is not JSON, or holds rows.
std::optional<Json> one_object(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string first(64, '\0');
  file.read(first.data(), static_cast<std::streamsize>(first.size()));
  first.resize(static_cast<std::size_t>(file.gcount()));
  if (first.starts_with(R"({"type":"environment")") || !first.starts_with('{')) {
    return std::nullopt;
  }
  const std::optional<std::string> text = read_file(path);
  Json json = text ? Json::parse(*text, nullptr, false) : Json();
  return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

/// The page of what model --time or plan printed; nothing where the object is of neither.
std::optional<std::string> page_of(const Json& json, const std::string& path) {
  return report::is_network_times(json)
             ? std::optional(report::network_page(report::network_times(json, path)))
         : report::is_plan(json) ? std::optional(report::plan_page(report::plan_table(json, path)))
                                 : std::nullopt;
}

/// Whether it was a file of one object, whose page is written.
bool made_page(const ReportOptions& options) {
  const std::optional<Json> json = one_object(options.inputs.front());
  const std::optional<std::string> page =
      json ? page_of(*json, options.inputs.front()) : std::nullopt;
  if (!page) {
    return false;
  }
  if (options.inputs.size() > 1 || options.html.empty() || !options.svg.empty() ||
      !options.markdown.empty()) {
    bad_input(
        "'{}' is a network's times or a plan: such a file is alone, and has a page: -o page.html",
        options.inputs.front());
  }
  write_report(options, options.html, *page);
  return true;
}

int make_report(const ReportOptions& options) {
  if (options.html.empty() && options.svg.empty() && options.markdown.empty()) {
    bad_input("report: name at least one output: -o report.html, --svg FILE or --markdown FILE");
  }
  if (made_page(options)) {
    return 0;
  }
  const report::ReportData data = report::read_report(options.inputs);
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
  command
      ->add_option("results", options->inputs,
                   "JSON Lines files of bench, run or machine; or what model --time --json or "
                   "plan --json printed")
      ->required()
      ->type_name("FILE");
  command->add_option("-o,--output", options->html, "the page, one HTML file (overwritten)");
  command->add_option("--svg", options->svg, "the roofline as a drawing (overwritten)");
  command->add_option("--markdown", options->markdown,
                      "in short, to paste into an issue or a chat (overwritten)");
  command->footer(
      "What model --time --json or plan --json printed makes a page of its own (docs/report.md).\n"
      "Several files are merged; of rows for the same case and environment, the last one counts.\n"
      "Exit codes: 0, 2 when a file cannot be read or written.\n"
      "Examples:\n"
      "  flopmeter report results.jsonl -o report.html\n"
      "  flopmeter report monday.jsonl tuesday.jsonl --svg roofline.svg --markdown report.md\n"
      "  flopmeter model net.onnx --time --alone --json > net.json && flopmeter report net.json -o "
      "net.html\n"
      "  flopmeter plan net.onnx --machine m.json --batch 1,4 --json > p.json && flopmeter report "
      "p.json -o p.html");
  command->callback([options, &exit_code] { exit_code = make_report(*options); });
}

}  // namespace flopmeter
