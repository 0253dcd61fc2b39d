#include "validate/calculation/factors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace flopmeter::calculation {
namespace {

/// What a dimension is a part of, by a word of its meaning; the first that fits.
struct Role {
  std::string_view word;
  std::string_view factor;
};
constexpr std::array roles{
    Role{"kernel", "taps"},      Role{"channels", "pairs"},    Role{"features", "pairs"},
    Role{"groups", "pairs"},     Role{"samples", "positions"}, Role{"depth", "positions"},
    Role{"height", "positions"}, Role{"width", "positions"},   Role{"length", "positions"},
};

struct Factor {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array factors{
    Factor{"positions", "places at which the weights are applied, of all samples"},
    Factor{"pairs", "of an input with an output that it reaches"},
    Factor{"taps", "weights that the kernel has for each pair"},
};

std::string_view factor_of(const Problem& problem, std::string_view name) {
  const auto& fields = problem.layer->fields;
  const auto field = std::ranges::find(fields, name, &FieldInfo::key);
  if (field == fields.end()) {
    return "";
  }
  const auto* const role = std::ranges::find_if(roles, [&](const Role& one) {
    return field->meaning.find(one.word) != std::string_view::npos;
  });
  return role == roles.end() ? "" : role->factor;
}

/// One name of the product with the sign before it.
struct Term {
  char sign;
  std::string name;
};

/// Empty where the form is more than names, products and quotients.
std::vector<Term> terms_of(std::string_view text) {
  std::vector<Term> terms;
  char sign = '*';
  while (!text.empty()) {
    const auto end =
        std::ranges::find_if_not(text, [](unsigned char c) { return std::isalnum(c) != 0; });
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length == 0 || std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
      return {};
    }
    terms.push_back({sign, std::string(text.substr(0, length))});
    text.remove_prefix(length);
    if (!text.empty()) {
      sign = text.front();
      text.remove_prefix(1);
      if ((sign != '*' && sign != '/') || text.empty()) {
        return {};
      }
    }
  }
  return terms;
}

/// The terms of one factor as a formula, and its value; empty where it has none, or where a
/// quotient leaves a rest.
Line factor_line(const Problem& problem, const Factor& factor, const std::vector<Term>& terms) {
  Line line{.name = std::string(factor.name),
            .value = 1,
            .unit = std::string(factor.name),
            .remark = std::string(factor.meaning)};
  for (const Term& term : terms) {
    if (factor_of(problem, term.name) != factor.name) {
      continue;
    }
    const std::int64_t value = dimension(problem, term.name).value_or(0);
    if (term.sign == '/' && (line.formula.empty() || value == 0 || line.value % value != 0)) {
      return {};
    }
    line.formula += line.formula.empty() ? term.name : term.sign + term.name;
    line.value = term.sign == '/' ? line.value / value : checked_multiply(line.value, value);
  }
  line.numbers = line.formula.empty() ? "" : with_numbers(problem, line.formula);
  return line;
}

}  // namespace

std::vector<Line> factor_lines(const Problem& problem, const ClosedForm& form) {
  const std::vector<Term> terms = terms_of(form.text);
  const bool known = std::ranges::none_of(
      terms, [&](const Term& term) { return factor_of(problem, term.name).empty(); });
  std::vector<Line> lines;
  std::int64_t product = 1;
  for (const Factor& factor : factors) {
    const Line line = factor_line(problem, factor, terms);
    if (!line.formula.empty()) {
      product = checked_multiply(product, line.value);
      lines.push_back(line);
    }
  }
  return known && lines.size() > 1 && product == form.value ? lines : std::vector<Line>{};
}

}  // namespace flopmeter::calculation
