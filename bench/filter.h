// The option --filter: a regular expression on what a case is called.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace flopmeter {

/// A regular expression in RE2's notation, which has no back-references, so that every search ends in
/// a time that is linear in the text, whatever the expression.
class Filter {
 public:
  /// Throws BadInput when it is no regular expression, or one that needs more than 8 MiB.
  explicit Filter(std::string_view expression);
  ~Filter();
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;

  /// Whether the name or the label has it; "name label" is what is searched.
  bool passes(std::string_view name, std::string_view label) const;

 private:
  struct Expression;
  std::unique_ptr<Expression> expression_;
};

}  // namespace flopmeter
