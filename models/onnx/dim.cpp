#include "models/onnx/dim.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::onnx {
namespace {

constexpr std::size_t longest_expression = 200;

/// "a*b", with brackets where they are needed; nested ones end in "..." rather than grow for ever.
Dim compose(const Dim& a, char sign, const Dim& b) {
  const auto bracketed = [](const Dim& d) {
    const std::string text = d.text();
    return text.find_first_of("+-/") != std::string::npos && !d.known() ? "(" + text + ")" : text;
  };
  std::string text = bracketed(a) + sign + bracketed(b);
  if (text.size() > longest_expression) {
    text = fmt::format("{}...#{:x}", text.substr(0, longest_expression / 2),
                       std::hash<std::string>{}(text));
  }
  return Dim::unknown(std::move(text));
}

}  // namespace

Dim Dim::unknown(std::string name) {
  Dim dim(0);
  dim.name_ = std::make_shared<const std::string>(std::move(name));
  return dim;
}

Dim operator+(const Dim& a, const Dim& b) {
  std::int64_t sum = 0;
  if (a.known() && b.known() && !__builtin_add_overflow(a.value(), b.value(), &sum)) {
    return sum;
  }
  return a.is(0) ? b : b.is(0) ? a : compose(a, '+', b);
}

Dim operator-(const Dim& a, const Dim& b) {
  std::int64_t difference = 0;
  if (a.known() && b.known() && !__builtin_sub_overflow(a.value(), b.value(), &difference)) {
    return difference;
  }
  return b.is(0) ? a : a == b ? Dim(0) : compose(a, '-', b);
}

Dim operator*(const Dim& a, const Dim& b) {
  std::int64_t product = 0;
  if (a.known() && b.known() && !__builtin_mul_overflow(a.value(), b.value(), &product)) {
    return product;
  }
  if (a.is(0) || b.is(0)) {
    return 0;
  }
  return a.is(1) ? b : b.is(1) ? a : compose(a, '*', b);
}

Dim floor_divide(const Dim& a, const Dim& b) {
  if (a.known() && b.known() && b.value() != 0 && b.value() != -1) {
    const std::int64_t quotient = a.value() / b.value();
    return a.value() % b.value() != 0 && (a.value() < 0) != (b.value() < 0) ? quotient - 1
                                                                            : quotient;
  }
  if (b.is(-1)) {
    return 0 - a;
  }
  return b.is(1) ? a : a == b ? Dim(1) : compose(a, '/', b);
}

Dim ceil_divide(const Dim& a, const Dim& b) { return 0 - floor_divide(0 - a, b); }

std::string to_string(const Dims& dims) {
  std::vector<std::string> texts;
  texts.reserve(dims.size());
  for (const Dim& dim : dims) {
    texts.push_back(dim.text());
  }
  return fmt::format("{}", fmt::join(texts, "x"));
}

bool all_known(const Dims& dims) { return std::ranges::all_of(dims, &Dim::known); }

Dim elements_of(const Dims& dims) {
  Dim product = 1;
  for (const Dim& dim : dims) {
    if (product.known() && dim.known()) {
      product = checked_multiply(product.value(), dim.value());
    } else {
      product = product * dim;
    }
  }
  return product;
}

}  // namespace flopmeter::onnx
