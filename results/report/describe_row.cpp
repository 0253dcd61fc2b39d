#include "results/report/describe_row.h"

#include <fmt/format.h>

#include "results/cell.h"

namespace flopmeter::report {
namespace {

std::string rate_text(const Record& r) {
  return fmt::format("{} GFLOPS ({})", significant(*r.gflops, 4), r.convention);
}

std::string time_text(const Record& r) {
  return fmt::format("time {}{}", scaled_time(*r.seconds),
                     r.spread ? fmt::format(", spread {} %", significant(100 * *r.spread, 2)) : "");
}

std::string peak_text(const Record& r) {
  return fmt::format("{} % of the peak, {} GFLOPS", significant(*r.percent_of_peak, 3),
                     r.peak_gflops ? significant(*r.peak_gflops, 4) : "?");
}

std::string roof_text(const Record& r) {
  return fmt::format("{} % of the roof, {} GFLOPS", significant(*r.percent_of_attainable, 3),
                     r.attainable_gflops ? significant(*r.attainable_gflops, 4) : "?");
}

std::string bound_text(const Record& r) {
  return fmt::format("bound: {}{}", r.bound,
                     r.memory_level.empty() ? "" : ", operands fit into " + r.memory_level);
}

}  // namespace

std::vector<std::string> describe_row(const ReportData& data, std::size_t row) {
  const Record& r = data.rows.at(row).record;
  std::vector<std::string> lines{r.label.empty() ? r.name : r.name + " (" + r.label + ")",
                                 setting(r)};
  const auto add = [&](bool known, std::string (*text)(const Record&)) {
    if (known) {
      lines.push_back(text(r));
    }
  };
  add(r.gflops.has_value(), rate_text);
  add(r.seconds.has_value(), time_text);
  if (r.intensity) {
    lines.push_back(fmt::format("intensity {} FLOP/byte", significant(*r.intensity, 4)));
  }
  add(r.percent_of_peak.has_value(), peak_text);
  add(r.percent_of_attainable.has_value(), roof_text);
  add(!r.bound.empty(), bound_text);
  lines.push_back(r.reason.empty() ? "status " + r.status : "status " + r.status + ": " + r.reason);
  return lines;
}

std::string one_line(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "; "));
}

}  // namespace flopmeter::report
