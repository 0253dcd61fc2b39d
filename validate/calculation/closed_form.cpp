#include "validate/calculation/closed_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "kernels/bad_input.h"
#include "validate/fit/fit.h"

namespace flopmeter::calculation {
namespace {

std::optional<std::vector<std::int64_t>> values_of(const Problem& problem,
                                                   const std::vector<std::string>& names) {
  std::vector<std::int64_t> values;
  for (const std::string& name : names) {
    const auto value = dimension(problem, name);
    if (!value) {
      return std::nullopt;
    }
    values.push_back(*value);
  }
  return values;
}

/// The form with its value on the shape; none where that is no whole number.
std::optional<ClosedForm> evaluated(const Problem& problem, const fit::Polynomial& polynomial) {
  const auto values = values_of(problem, polynomial.variables);
  if (!values) {
    return std::nullopt;
  }
  const fit::Rational value = polynomial.at(*values);
  if (value.denominator() != 1) {
    return std::nullopt;
  }
  return ClosedForm{polynomial.text(), polynomial.variables,
                    static_cast<std::int64_t>(value.numerator())};
}

bool part_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

std::optional<std::int64_t> dimension(const Problem& problem, std::string_view name) {
  const auto& fields = problem.layer->fields;
  if (const auto field = std::ranges::find(fields, name, &FieldInfo::key); field != fields.end()) {
    return problem.values[static_cast<std::size_t>(field - fields.begin())];
  }
  for (const Variable& variable : problem.layer->variables(problem.values)) {
    if (variable.name == name) {
      return variable.value;
    }
  }
  return std::nullopt;
}

FoundForm find_form(const Problem& problem, Pass pass, claims::PaddingReading reading,
                    std::string_view quantity) {
  const claims::Scale scale{
      .layer = problem.layer, .passes = {pass}, .dtype = Dtype::f32, .reading = reading};
  std::string reason;
  for (const fit::Form& form : fit::fit(claims::parse_statement(quantity), scale).forms) {
    if (!form.polynomial) {
      reason = form.refused;
    } else if (form.covers(problem.values)) {
      return {evaluated(problem, *form.polynomial), "its value is no whole number"};
    }
  }
  return {std::nullopt, reason};
}

std::string with_numbers(const Problem& problem, std::string_view formula) {
  std::string text;
  for (std::size_t at = 0; at < formula.size();) {
    if (std::isalpha(static_cast<unsigned char>(formula[at])) == 0) {
      text += formula[at++];
      continue;
    }
    std::size_t end = at;
    while (end < formula.size() && part_of_name(formula[end])) {
      ++end;
    }
    const std::string_view name = formula.substr(at, end - at);
    const auto value = dimension(problem, name);
    text += value ? fmt::format("{}", *value) : std::string(name);
    at = end;
  }
  return text;
}

}  // namespace flopmeter::calculation
