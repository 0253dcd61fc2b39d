#include "results/report/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "embedded/report_js.h"
#include "results/report/chart_data.h"
#include "results/report/first_screen.h"
#include "results/report/page.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t most_named_files = 12;

std::string subtitle_of(const ReportData& data) {
  const std::size_t named = std::min(data.files.size(), most_named_files);
  const std::string more =
      named < data.files.size() ? fmt::format(" and {} more", data.files.size() - named) : "";
  const std::string left_out = left_out_text(data);
  return fmt::format(
      "{}{} from {}{}, by {}. FLOPs (FLOP) is a count of operations, FLOPS a rate; each number "
      "names its "
      "convention",
      left_out.empty() ? "" : left_out + " ", plural(data.all.size(), "row"),
      fmt::join(std::span(data.files).first(named), ", "), more, made_by());
}

}  // namespace

std::string html_report(const ReportData& data) {
  return html_page({.title = "flopmeter report",
                    .first = html_first_screen(data),
                    .subtitle = subtitle_of(data),
                    .sections = sections(data),
                    .data = chart_data(data),
                    .script = embedded::report_js()});
}

}  // namespace flopmeter::report
