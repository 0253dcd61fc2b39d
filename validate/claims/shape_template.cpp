#include "validate/claims/shape_template.h"

#include <charconv>
#include <cmath>

#include "kernels/bad_input.h"

namespace flopmeter::claims {
namespace {

/// The letters at the end of "mb1ic": the key that a value is about to follow.
std::string last_key(const std::string& literal) {
  std::size_t begin = literal.size();
  while (begin > 0 && literal[begin - 1] >= 'a' && literal[begin - 1] <= 'z') {
    --begin;
  }
  return literal.substr(begin);
}

}  // namespace

ShapeTemplate::ShapeTemplate(std::string_view text) : text_(text) {
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      bad_input("shape '{}': a brace is not closed", text_);
    }
    literals_.emplace_back(text.substr(0, open));
    add_piece(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
  literals_.emplace_back(text);
}

void ShapeTemplate::add_piece(std::string_view braced) {
  const std::size_t equals = braced.find('=');
  expressions_.emplace_back(braced.substr(0, equals));
  const Expression& expression = expressions_.back();
  std::optional<std::int64_t> otherwise;
  if (equals != std::string_view::npos) {
    const std::string_view digits = braced.substr(equals + 1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      bad_input("shape '{}': '{}' is no integer", text_, digits);
    }
    otherwise = value;
  }
  for (const std::string& symbol : expression.symbols()) {
    const bool alone = symbol == expression.text();
    placeholders_.push_back({symbol, alone ? last_key(literals_.back()) : "", otherwise});
  }
}

std::string ShapeTemplate::fill(Scope scope) const {
  for (const Placeholder& placeholder : placeholders_) {
    if (placeholder.otherwise) {
      scope.try_emplace(placeholder.symbol, static_cast<double>(*placeholder.otherwise));
    }
  }
  std::string shape = literals_.front();
  for (std::size_t i = 0; i < expressions_.size(); ++i) {
    const double value = expressions_[i].evaluate(scope);
    if (!std::isfinite(value) || value != std::floor(value)) {
      bad_input("shape '{}': {} is {}, not an integer", text_, expressions_[i].text(), value);
    }
    shape += std::to_string(static_cast<std::int64_t>(value)) + literals_[i + 1];
  }
  return shape;
}

}  // namespace flopmeter::claims
