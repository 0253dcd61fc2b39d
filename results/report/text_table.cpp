#include "results/report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "results/cell.h"
#include "results/csv.h"
#include "results/report/escape.h"
#include "results/text_width.h"

namespace flopmeter::report {
namespace {

std::vector<std::size_t> least_widths(const TextTable& table) {
  std::vector<std::size_t> widths;
  std::ranges::transform(table.columns, std::back_inserter(widths), [](const Column& column) {
    return std::max(display_width(column.heading), column.least);
  });
  return widths;
}

std::vector<std::size_t> widths_of(const TextTable& table) {
  std::vector<std::size_t> widths = least_widths(table);
  for (const std::vector<Cell>& row : table.rows) {
    // A last cell that runs over the columns behind it asks for no width.
    const std::size_t bound =
        row.size() < table.columns.size() && !row.empty() ? row.size() - 1 : row.size();
    for (std::size_t i = 0; i < bound; ++i) {
      widths[i] = std::max(widths[i], display_width(row[i].text));
    }
  }
  return widths;
}

/// One line, without spaces at its end.
std::string aligned_line(const TextTable& table, const std::vector<std::size_t>& widths,
                         std::size_t cells, std::size_t indent, auto text_of) {
  std::string line(indent, ' ');
  for (std::size_t i = 0; i < cells; ++i) {
    line += i == 0 ? "" : "  ";
    const bool runs_over = i + 1 == cells && cells < table.columns.size();
    line += table.columns[i].number && !runs_over ? pad_left(text_of(i), widths[i])
                                                  : pad_right(text_of(i), widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string aligned_headings(const TextTable& table, const std::vector<std::size_t>& widths,
                             std::size_t indent) {
  return aligned_line(table, widths, table.columns.size(), indent,
                      [&](std::size_t i) { return table.columns[i].heading; });
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

std::string markdown_cell(const Cell& cell) {
  return cell.code ? markdown_code(cell.text) : escape_markdown(cell.text);
}

}  // namespace

Cell text_cell(std::string text) { return {.text = std::move(text)}; }

Cell code_cell(std::string text) { return {.text = std::move(text), .value = {}, .code = true}; }

Cell count_cell(std::optional<std::int64_t> value) {
  return value ? Cell{.text = grouped(*value), .value = static_cast<double>(*value)} : Cell{"-"};
}

Cell number_cell(std::optional<double> value, int digits) {
  return value && std::isfinite(*value) ? Cell{.text = significant(*value, digits), .value = value}
                                        : Cell{"-"};
}

Cell percent_cell(std::optional<double> value) {
  Cell cell = number_cell(value, 3);
  cell.text += cell.value ? " %" : "";
  return cell;
}

Cell time_cell(std::optional<double> seconds) {
  return seconds ? Cell{.text = scaled_time(*seconds), .value = seconds} : Cell{"-"};
}

std::string plural(std::size_t count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many.empty() ? one + "s" : many);
}

std::string to_text(const TextTable& table, std::size_t indent) {
  const std::vector<std::size_t> widths = widths_of(table);
  const bool headed = std::ranges::any_of(
      table.columns, [](const Column& column) { return !column.heading.empty(); });
  std::string text = headed ? aligned_headings(table, widths, indent) : "";
  for (const std::vector<Cell>& row : table.rows) {
    text +=
        aligned_line(table, widths, row.size(), indent, [&](std::size_t i) { return row[i].text; });
  }
  return text;
}

std::string heading_line(const TextTable& table) {
  return aligned_headings(table, least_widths(table), 0);
}

std::string row_line(const TextTable& table, const std::vector<Cell>& row) {
  return aligned_line(table, least_widths(table), row.size(), 0,
                      [&](std::size_t i) { return row[i].text; });
}

std::string to_csv(const TextTable& table) {
  const std::size_t columns = table.columns.size();
  std::string text =
      joined_line(columns, ",", [&](std::size_t i) { return csv_text(table.columns[i].heading); }) +
      '\n';
  for (const std::vector<Cell>& row : table.rows) {
    text += joined_line(columns, ",",
                        [&](std::size_t i) {
                          return i < row.size() ? csv_cell(row[i], table.columns[i]) : "";
                        }) +
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
    const std::vector<Cell>& row = table.rows[r];
    text += piped_line(columns,
                       [&](std::size_t i) { return i < row.size() ? markdown_cell(row[i]) : ""; });
  }
  if (table.rows.size() > most_rows) {
    text += fmt::format("\n{} more.\n", plural(table.rows.size() - most_rows, "row"));
  }
  return text;
}

}  // namespace flopmeter::report
