#include "results/report/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/report/escape.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t most_rows = 40;

std::string markdown_line(const auto& items, auto text_of) {
  std::string line = "|";
  for (const auto& item : items) {
    line += ' ' + text_of(item) + " |";
  }
  return line + '\n';
}

std::string markdown_table(const TextTable& table) {
  std::string text = "\n**" + escape_markdown(table.caption) + "**\n\n";
  text += markdown_line(table.columns,
                        [](const Column& column) { return escape_markdown(column.heading); });
  text += markdown_line(table.columns, [](const Column& column) {
    return std::string(column.number ? "---:" : "---");
  });
  for (std::size_t i = 0; i < std::min(table.rows.size(), most_rows); ++i) {
    text +=
        markdown_line(table.rows[i], [](const Cell& cell) { return escape_markdown(cell.text); });
  }
  if (table.rows.size() > most_rows) {
    text += fmt::format("\n{} more in the page (flopmeter report -o report.html).\n",
                        plural(table.rows.size() - most_rows, "row"));
  }
  return text;
}

}  // namespace

std::string markdown_report(const ReportData& data) {
  std::string text = "# flopmeter report\n";
  for (const Section& section : sections(data)) {
    text += "\n## " + section.title + "\n";
    for (const std::string& paragraph : section.paragraphs) {
      text += "\n" + escape_markdown(paragraph) + "\n";
    }
    for (const TextTable& table : section.tables) {
      text += markdown_table(table);
    }
  }
  return text;
}

}  // namespace flopmeter::report
