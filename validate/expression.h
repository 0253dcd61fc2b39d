// Formulas as text, evaluated by muParser: "H_out*W_out*C_out*(K_h*K_w*C_in)".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter {

/// Named numbers.
using Scope = std::map<std::string, double, std::less<>>;

/// A formula, compiled once. + - * / ^, comparisons, && and ||, floor, ceil, round, trunc, min,
/// max, up(x, step) for the multiple of step that is not below x, ones(x) for the powers of two
/// that a whole number is the sum of, taps(in, out, kernel, stride, pad) for the taps on real input
/// of all outputs along an axis, sgemm(...) for what oneDNN's matrix product multiplies with AVX2 (avx2_sgemm.h),
/// sgemm_apart(...) for how much of that is not fused and sgemm_scalings(...) for what comes on top, all of (transposed
/// A, transposed B, m, n, k, strided, never packed), and whatever else muParser has.
/// Numbers are doubles: integers are exact up to 2^53.
class Expression {
 public:
  /// Throws BadInput when `text` is no formula.
  explicit Expression(std::string_view text);
  ~Expression();
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;

  const std::string& text() const { return text_; }
  /// The names it uses, in alphabetical order.
  const std::vector<std::string>& symbols() const { return symbols_; }
  /// Whether `scope` has all of them.
  bool known_in(const Scope& scope) const;
  /// The value; infinity or NaN after a division by zero. Throws BadInput for a symbol that `scope`
  /// does not have, naming those it has, and for a value beyond 2^53. Threads may share it.
  double evaluate(const Scope& scope) const;

 private:
  struct Compiled;
  std::string text_;
  std::vector<std::string> symbols_;
  std::unique_ptr<Compiled> compiled_;
};

/// The integer as a double. Throws BadInput naming it when it is beyond 2^53.
double exact_double(std::string_view name, std::int64_t value);

}  // namespace flopmeter
