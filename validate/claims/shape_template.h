// A shape with symbols in it, in the layer's own notation: "mb{N=1}ic{C_in}oc{C_out}".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/expression.h"

namespace flopmeter::claims {

/// A symbol of a template. `key` is the field written before it, empty where the symbol is not
/// alone between its braces or follows no key. `otherwise` is its value where none is given.
struct Placeholder {
  std::string symbol;
  std::string key;
  std::optional<std::int64_t> otherwise;
};

/// Text with formulas in braces. {N=1} is N, 1 where N is not given.
class ShapeTemplate {
 public:
  /// Throws BadInput: an unclosed brace, no formula between braces.
  explicit ShapeTemplate(std::string_view text);

  const std::vector<Placeholder>& placeholders() const { return placeholders_; }

  /// The shape as text. Throws BadInput for a symbol that is missing or a value that is no integer.
  std::string fill(Scope scope) const;

 private:
  void add_piece(std::string_view braced);

  std::string text_;
  std::vector<std::string> literals_;  // one more than expressions_, which stand between them
  std::vector<Expression> expressions_;
  std::vector<Placeholder> placeholders_;
};

}  // namespace flopmeter::claims
