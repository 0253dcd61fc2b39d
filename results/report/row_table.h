// Tables straight from the list of fields of a row type.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "results/cell.h"
#include "results/machine.h"
#include "results/report/section.h"

namespace flopmeter::report {

/// "32 KiB", in the largest unit that leaves an integer.
inline std::string bytes_text(std::int64_t bytes) {
  constexpr std::int64_t kibi = 1024;
  std::string_view unit = "B";
  for (const std::string_view larger : {"KiB", "MiB", "GiB"}) {
    if (bytes < kibi || bytes % kibi != 0) {
      break;
    }
    bytes /= kibi;
    unit = larger;
  }
  return fmt::format("{} {}", grouped(bytes), unit);
}

inline Cell row_cell(const std::string& text, std::string_view) { return {.text = text}; }

inline Cell row_cell(const std::optional<std::int64_t>& value, std::string_view unit) {
  Cell cell = count_cell(value);
  if (value && unit == "byte") {
    cell.text = bytes_text(*value);
  }
  return cell;
}

/// Rates as multiples of 10^9, which the heading says.
inline Cell row_cell(const std::optional<double>& value, std::string_view unit) {
  constexpr double giga = 1e9;
  if (unit == "s") {
    return time_cell(value);
  }
  if (unit == "%") {
    return percent_cell(value);
  }
  return value && unit.ends_with("/s") ? number_cell(*value / giga) : number_cell(value);
}

/// "burst, 10^9 operation/s"; units that the heading or the cell says already are not repeated.
inline std::string row_heading(std::string_view heading, std::string_view unit) {
  if (unit.ends_with("/s")) {
    return unit == "byte/s" ? fmt::format("{}, GB/s", heading)
                            : fmt::format("{}, 10^9 {}", heading, unit);
  }
  constexpr std::array<std::string_view, 5> said{"", "byte", "s", "%", "core"};
  const bool is_said = heading.starts_with(unit) || std::ranges::find(said, unit) != said.end();
  return is_said ? std::string(heading) : fmt::format("{}, {}", heading, unit);
}

/// A column for every field with a heading, a line for every row.
template <class Row>
TextTable row_table(std::string caption, std::span<const Row> rows) {
  TextTable table{.id = "", .caption = std::move(caption), .columns = {}, .rows = {}};
  table.rows.resize(rows.size());
  for (const RowField<Row>& field : row_fields<Row>()) {
    if (field.heading.empty()) {
      continue;
    }
    table.columns.push_back({.heading = row_heading(field.heading, field.unit),
                             .number = !std::holds_alternative<std::string Row::*>(field.member)});
    for (std::size_t i = 0; i < rows.size(); ++i) {
      table.rows[i].push_back(std::visit(
          [&](auto member) { return row_cell(rows[i].*member, field.unit); }, field.member));
    }
  }
  return table;
}

}  // namespace flopmeter::report
