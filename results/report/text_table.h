// The one table: rows of cells, as aligned text for terminals, as Markdown and as CSV; html_report.h
// has it as HTML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace flopmeter::report {

/// A cell as it is shown, and the number that it is sorted by; without one, by its text. `code`: to
/// be read letter by letter, as a formula or a key.
struct Cell {
  std::string text;
  std::optional<double> value = {};
  bool code = false;
};

struct Column {
  std::string heading;
  bool number = false;  // aligned right
  std::size_t least =
      0;  // characters of it in aligned text, so that tables stand below one another
};

/// A row may end early: its last cell then runs over the columns behind it.
struct TextTable {
  std::string id = {};  // of the element, and unique in the report; empty: none
  std::string caption = {};
  std::vector<Column> columns = {};
  std::vector<std::vector<Cell>> rows = {};
  bool searched = false;  // with a search field
};

/// Columns aligned, numbers to the right, two spaces between and `indent` in front; without the line of
/// headings where all are empty.
std::string to_text(const TextTable& table, std::size_t indent = 0);

/// The same line by line, for rows that are printed as they are measured: columns are as wide as their
/// heading and `least` say, and the table's own rows do not matter.
std::string heading_line(const TextTable& table);
std::string row_line(const TextTable& table, const std::vector<Cell>& row);

/// RFC 4180 with \n; a number at full precision, what is not known empty.
std::string to_csv(const TextTable& table);

inline constexpr std::size_t all_rows = std::numeric_limits<std::size_t>::max();

/// Headings and rows, escaped; no more than `most_rows`, of which a line says how many are left out.
std::string to_markdown(const TextTable& table, std::size_t most_rows = all_rows);

/// Cells of common kinds. What is not known is "-".
Cell text_cell(std::string text);
Cell code_cell(std::string text);
Cell count_cell(std::optional<std::int64_t> value);             // 16,384,000
Cell number_cell(std::optional<double> value, int digits = 4);  // 131.1
Cell percent_cell(std::optional<double> value);                 // 80.0 %
Cell time_cell(std::optional<double> seconds);                  // 250.0 us

/// "1 row", "2 rows"; "2 layers and passes", where an s behind it is not enough.
std::string plural(std::size_t count, const std::string& one, const std::string& many = "");

}  // namespace flopmeter::report
