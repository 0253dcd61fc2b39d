#include "results/report/section.h"

#include <fmt/format.h>

#include <cmath>

#include "results/cell.h"

namespace flopmeter::report {

Cell text_cell(std::string text) { return {.text = std::move(text)}; }

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

std::vector<Section> sections(const ReportData& data) {
  // The charts that filters govern come first, one behind the other.
  std::vector<Section> all{rates_section(data),    roofline_section(data), scaling_section(data),
                           order_section(data),    verdict_section(data),  counts_section(data),
                           measured_section(data), rows_section(data),     machine_section(data)};
  if (data.environments.size() > 1) {
    all.insert(all.begin(), side_by_side_section(data));
  }
  return all;
}

}  // namespace flopmeter::report
