#include <fmt/format.h>

#include "validate/executed/effects.h"

namespace flopmeter {
namespace {

double ratio(std::int64_t numerator, std::int64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

std::string factors_text(const Explanation& explanation) {
  std::string text;
  for (const Factor& factor : explanation.factors) {
    text += fmt::format("{}{:.4f} {}", text.empty() ? " = " : " x ",
                        ratio(factor.numerator, factor.denominator),
                        factor.text.empty() ? factor.effect : factor.text);
  }
  return text;
}

}  // namespace

std::string to_string(const Explanation& explanation) {
  std::string text = explanation.formula == 0
                         ? fmt::format("formula 0, executed {}", explanation.executed)
                         : fmt::format("{:.4f}", ratio(explanation.executed, explanation.formula));
  text += explanation.quantity == "products" ? " of the products" : "";
  text += factors_text(explanation);
  if (!explanation.exact()) {
    text += fmt::format(", unexplained: {:+} {}", explanation.unexplained,
                        explanation.quantity == "macs" ? "MACs" : explanation.quantity);
  }
  return text;
}

}  // namespace flopmeter
