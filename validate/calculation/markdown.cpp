#include <fmt/format.h>

#include <cctype>

#include "results/report/text_table.h"
#include "validate/calculation/calculation.h"

namespace flopmeter::calculation {
namespace {

/// Names upright, products as dots: "mb*oh" is "\mathit{mb} \cdot \mathit{oh}".
std::string latex(std::string_view formula) {
  std::string text;
  for (std::size_t at = 0; at < formula.size();) {
    if (std::isalpha(static_cast<unsigned char>(formula[at])) != 0) {
      std::size_t end = at;
      while (end < formula.size() &&
             (std::isalnum(static_cast<unsigned char>(formula[end])) != 0 || formula[end] == ' ')) {
        ++end;
      }
      text += fmt::format("\\text{{{}}}", formula.substr(at, end - at));
      at = end;
    } else {
      text += formula[at] == '*' ? std::string(" \\cdot ") : std::string(1, formula[at]);
      ++at;
    }
  }
  return text;
}

std::string line_markdown(const Line& line) {
  std::string text = fmt::format("$$\\text{{{}}}", line.name);
  if (!line.formula.empty()) {
    text += fmt::format(" = {} = {}", latex(line.formula), latex(line.numbers));
  }
  text += fmt::format(" = {} \\text{{ {}}}$$\n\n", line.value, line.unit);
  return text + (line.remark.empty() ? "" : line.remark + ".\n\n");
}

std::string part_markdown(const Part& part) {
  std::string text = fmt::format("### {}\n\n`{}`\n\n", part.title, part.equation);
  if (!part.dimensions.empty()) {
    report::TextTable table{.columns = {{"dimension"}, {"value", true}, {"meaning"}}};
    for (const Dimension& dimension : part.dimensions) {
      table.rows.push_back(
          {{dimension.name}, {fmt::format("{}", dimension.value)}, {dimension.meaning}});
    }
    text += report::to_markdown(table) + "\n";
  }
  for (const Line& line : part.lines) {
    text += line_markdown(line);
  }
  for (const std::string& remark : part.remarks) {
    text += remark + "\n\n";
  }
  return text;
}

}  // namespace

std::string to_markdown(const Calculation& calculation) {
  std::string text = fmt::format("## {}\n\n", calculation.title);
  for (const Part& part : calculation.parts) {
    text += part_markdown(part);
  }
  if (!calculation.sums.empty()) {
    text += "### Together\n\n";
    for (const Line& line : calculation.sums) {
      text += line_markdown(line);
    }
  }
  text += "### One number, by convention (taps in the padding left out)\n\n";
  for (const Line& line : calculation.conventions) {
    text += line_markdown(line);
  }
  return text;
}

}  // namespace flopmeter::calculation
