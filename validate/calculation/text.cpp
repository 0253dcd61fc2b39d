#include <fmt/format.h>

#include "validate/calculation/calculation.h"

namespace flopmeter::calculation {
namespace {

std::string line_text(const Line& line) {
  std::string text = fmt::format("  {} = ", line.name);
  const std::string indent(line.name.size() + 2, ' ');
  if (!line.formula.empty()) {
    text += fmt::format("{}\n{} = {}\n{} = ", line.formula, indent, line.numbers, indent);
  }
  text += fmt::format("{} {}\n", line.value, line.unit);
  return text + (line.remark.empty() ? "" : fmt::format("{}   ({})\n", indent, line.remark));
}

std::string part_text(const Part& part) {
  std::string text = fmt::format("{}\n{}\n\n", part.title, part.equation);
  for (const Dimension& dimension : part.dimensions) {
    text += fmt::format("  {:<6}{:>10}  {}\n", dimension.name, dimension.value, dimension.meaning);
  }
  text += part.dimensions.empty() ? "" : "\n";
  for (const Line& line : part.lines) {
    text += line_text(line);
  }
  for (const std::string& remark : part.remarks) {
    text += fmt::format("  {}\n", remark);
  }
  return text + "\n";
}

}  // namespace

std::string to_text(const Calculation& calculation) {
  const bool composed = !calculation.sums.empty();
  std::string text =
      composed ? fmt::format("{}\n{}\n\nPart by part:\n\n", calculation.title, calculation.equation)
               : "";
  for (const Part& part : calculation.parts) {
    text += part_text(part);
  }
  if (composed) {
    text += "Together:\n";
    for (const Line& line : calculation.sums) {
      text += line_text(line);
    }
    text += "\n";
  }
  text += "One number, by convention (taps in the padding left out):\n";
  for (const Line& line : calculation.conventions) {
    text += line_text(line);
  }
  return text;
}

}  // namespace flopmeter::calculation
