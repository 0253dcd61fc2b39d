// The report as one HTML file that needs nothing else.
#pragma once

#include <string>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Style, script, chart library and data are in it; it asks no network for anything. Without a
/// script it shows the tables and a drawing of the roofline.
std::string html_report(const ReportData& data);

/// `template_text` with every {{name}} replaced by what `value_of` says of the name. What is filled
/// in is not looked through again.
template <class ValueOf>
std::string filled_in(std::string_view template_text, ValueOf value_of) {
  std::string text;
  while (true) {
    const std::size_t start = template_text.find("{{");
    const std::size_t end = template_text.find("}}", start);
    text += template_text.substr(0, start);
    if (end == std::string_view::npos) {
      return text;
    }
    text += value_of(template_text.substr(start + 2, end - start - 2));
    template_text.remove_prefix(end + 2);
  }
}

}  // namespace flopmeter::report
