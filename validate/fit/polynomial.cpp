#include "validate/fit/polynomial.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace flopmeter::fit {
namespace {

Wide magnitude(Wide value) { return value < 0 ? -value : value; }

/// The largest fraction of which every coefficient is a whole multiple, with the first one's sign.
Rational common_coefficient(const std::vector<Term>& terms) {
  Wide numerator = 0;
  Wide denominator = 1;
  for (const Term& term : terms) {
    const Wide d = term.coefficient.denominator();
    numerator = gcd(numerator, magnitude(term.coefficient.numerator()));
    denominator = denominator / gcd(denominator, d) * d;
  }
  return {terms.front().coefficient.numerator() < 0 ? -numerator : numerator, denominator};
}

/// The powers that every term has.
Exponents common_exponents(const std::vector<Term>& terms) {
  Exponents common = terms.front().exponents;
  for (std::size_t v = 0; v < common.size(); ++v) {
    const auto power = [v](const Term& term) { return term.exponents[v]; };
    const int low = std::ranges::min(terms, {}, power).exponents[v];
    const int high = std::ranges::max(terms, {}, power).exponents[v];
    common[v] = low > 0 ? low : std::min(high, 0);
  }
  return common;
}

std::string power_text(const std::string& name, int exponent) {
  return exponent == 1 ? name : fmt::format("{}^{}", name, exponent);
}

/// The factors of positive power, "mb*oc^2"; empty for none.
std::string multiplied(const std::vector<std::string>& names, const Exponents& exponents) {
  std::string text;
  for (std::size_t v = 0; v < names.size(); ++v) {
    if (exponents[v] > 0) {
      text += (text.empty() ? "" : "*") + power_text(names[v], exponents[v]);
    }
  }
  return text;
}

/// Those of negative power, "/g/h^2".
std::string divided(const std::vector<std::string>& names, const Exponents& exponents) {
  std::string text;
  for (std::size_t v = 0; v < names.size(); ++v) {
    if (exponents[v] < 0) {
      text += "/" + power_text(names[v], -exponents[v]);
    }
  }
  return text;
}

/// number*factors*bracket without what is 1 or empty; "1" for nothing.
std::string product(Wide number, const std::string& factors, const std::string& bracket) {
  std::string text = number == 1 ? "" : fmt::format("{}", static_cast<std::int64_t>(number));
  for (const std::string& factor : {factors, bracket}) {
    text += (text.empty() || factor.empty() ? "" : "*") + factor;
  }
  return text.empty() ? "1" : text;
}

std::string sum(const std::vector<std::string>& names, const std::vector<Term>& terms) {
  std::string text;
  for (const Term& term : terms) {
    const Wide number = term.coefficient.numerator();
    text += text.empty() ? (number < 0 ? "-" : "") : (number < 0 ? " - " : " + ");
    text += product(magnitude(number), multiplied(names, term.exponents), "") +
            divided(names, term.exponents);
  }
  return text;
}

/// The highest powers first; the constant last.
void sort(std::vector<Term>& terms) {
  std::ranges::stable_sort(terms, std::greater(), [](const Term& term) {
    const Exponents& e = term.exponents;
    return std::tuple(std::accumulate(e.begin(), e.end(), 0), e);
  });
}

}  // namespace

Rational Polynomial::at(std::span<const std::int64_t> values) const {
  Rational total;
  for (const Term& term : terms) {
    Rational product = term.coefficient;
    for (std::size_t v = 0; v < values.size(); ++v) {
      product = product * power(values[v], term.exponents[v]);
    }
    total = total + product;
  }
  return total;
}

std::string Polynomial::text() const {
  if (terms.empty()) {
    return "0";
  }
  std::vector<Term> inner = terms;
  sort(inner);
  const Rational number = common_coefficient(inner);
  const Exponents shared = common_exponents(inner);
  for (Term& term : inner) {
    term.coefficient = term.coefficient * number.inverse();
    std::ranges::transform(term.exponents, shared, term.exponents.begin(), std::minus());
  }
  const std::string factors = multiplied(variables, shared);
  std::string divisors = divided(variables, shared);
  if (number.denominator() != 1) {
    divisors += fmt::format("/{}", static_cast<std::int64_t>(number.denominator()));
  }
  const std::string sign = number.numerator() < 0 ? "-" : "";
  const Wide whole = magnitude(number.numerator());
  if (inner.size() == 1) {
    return sign + product(whole, factors, "") + divisors;
  }
  const bool alone = whole == 1 && factors.empty() && divisors.empty() && sign.empty();
  const std::string terms_text = sum(variables, inner);
  return alone ? terms_text : sign + product(whole, factors, "(" + terms_text + ")") + divisors;
}

}  // namespace flopmeter::fit
