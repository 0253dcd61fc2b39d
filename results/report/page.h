// One HTML file that needs nothing else: what all pages have in common.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/report/findings.h"
#include "results/report/section.h"

namespace flopmeter::report {

struct Page {
  std::string title;     // of the window, and above all
  std::string first;     // HTML of the first screen
  std::string subtitle;  // a sentence without its full stop: what the page is made of
  std::vector<Section> sections;
  nlohmann::ordered_json data;  // for the script that draws the sections' charts
  std::string_view script;
};

/// Style, scripts, chart library and data are in it; it asks no network for anything. Tables are there without a
/// script, too; long ones are cut, which is said.
std::string html_page(const Page& page);

/// A cell: the headline, and the detail behind it.
std::string html_finding(const Finding& finding);
/// The findings, a row each.
std::string html_findings(std::span<const Finding> findings);

/// "flopmeter 0.1.0 (1a2b3c4)".
std::string made_by();

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
