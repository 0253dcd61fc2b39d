#include "results/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/csv.h"
#include "results/report/escape.h"
#include "results/text_width.h"

namespace flopmeter::report {
namespace {

std::vector<std::size_t> widths_of(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t width = display_width(table.columns[i].heading);
    for (const std::vector<Cell>& row : table.rows) {
      width = std::max(width, display_width(row[i].text));
    }
    widths.push_back(width);
  }
  return widths;
}

/// One line, without spaces at its end.
std::string aligned_line(const TextTable& table, const std::vector<std::size_t>& widths,
                         auto text_of) {
  std::string line;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    line += i == 0 ? "" : "  ";
    line += table.columns[i].number ? pad_left(text_of(i), widths[i])
                                    : pad_right(text_of(i), widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string joined_line(std::size_t columns, std::string_view between, auto text_of) {
  std::string line;
  for (std::size_t i = 0; i < columns; ++i) {
    line += (i == 0 ? "" : std::string(between)) + text_of(i);
  }
  return line;
}

std::string csv_cell(const Cell& cell, const Column& column) {
  return column.number && cell.value         ? fmt::format("{}", *cell.value)
         : column.number && cell.text == "-" ? std::string()
                                             : csv_text(cell.text);
}

std::string piped_line(std::size_t columns, auto text_of) {
  return "| " + joined_line(columns, " | ", text_of) + " |\n";
}

}  // namespace

std::string to_text(const TextTable& table) {
  const std::vector<std::size_t> widths = widths_of(table);
  std::string text =
      aligned_line(table, widths, [&](std::size_t i) { return table.columns[i].heading; });
  for (const std::vector<Cell>& row : table.rows) {
    text += aligned_line(table, widths, [&](std::size_t i) { return row[i].text; });
  }
  return text;
}

std::string to_csv(const TextTable& table) {
  const std::size_t columns = table.columns.size();
  std::string text =
      joined_line(columns, ",", [&](std::size_t i) { return csv_text(table.columns[i].heading); }) +
      '\n';
  for (const std::vector<Cell>& row : table.rows) {
    text += joined_line(columns, ",",
                        [&](std::size_t i) { return csv_cell(row[i], table.columns[i]); }) +
            '\n';
  }
  return text;
}

std::string to_markdown(const TextTable& table, std::size_t most_rows) {
  const std::size_t columns = table.columns.size();
  std::string text =
      piped_line(columns, [&](std::size_t i) { return escape_markdown(table.columns[i].heading); });
  text += piped_line(columns, [&](std::size_t i) {
    return std::string(table.columns[i].number ? "---:" : "---");
  });
  for (std::size_t r = 0; r < std::min(table.rows.size(), most_rows); ++r) {
    text +=
        piped_line(columns, [&](std::size_t i) { return escape_markdown(table.rows[r][i].text); });
  }
  if (table.rows.size() > most_rows) {
    text += fmt::format("\n{} more.\n", plural(table.rows.size() - most_rows, "row"));
  }
  return text;
}

}  // namespace flopmeter::report
