#include "validate/fit/fit.h"

#include <algorithm>
#include <memory>

#include "validate/claims/sweep_shapes.h"
#include "validate/fit/inference.h"

namespace flopmeter::fit {
namespace {

using claims::CountedSums;
using claims::Measure;
using claims::PaddingReading;
using claims::Scale;
using claims::Statement;

bool has_padding(const AnyLayer& layer, const std::vector<Values>& shapes) {
  return std::ranges::any_of(
      shapes, [&](const Values& values) { return layer.padded_out(values) != values; });
}

Measure choose_measure(const Statement& statement, const Scale& scale, bool padding) {
  std::vector<Measure> measures = measures_of(statement, scale);
  if (!padding && measures.front().padding_matters) {
    measures.resize(1);
    measures.front().padding_matters = false;
  }
  const auto dense = std::ranges::find(measures, PaddingReading::dense, &Measure::reading);
  return dense == measures.end() ? measures.front() : *dense;
}

Fit fit_function(const Statement& statement, const Scale& scale,
                 const std::function<Rational(const Problem&, const Measure&)>& value) {
  const std::vector<Values> shapes = claims::sweep_shapes(*scale.layer);
  const Measure measure = choose_measure(statement, scale, has_padding(*scale.layer, shapes));
  const Function function = [&](const Values& values) {
    return value(Problem{scale.layer, values, ""}, measure);
  };
  std::vector<Measured> measured;
  for (const Values& values : shapes) {
    measured.push_back({values, function(values)});
  }
  return {measure, infer_forms(scale, function, measured)};
}

}  // namespace

bool Fit::found() const {
  return std::ranges::all_of(forms, [](const Form& form) { return form.polynomial.has_value(); });
}

Fit fit(const Statement& statement, const Scale& scale) {
  return fit_function(statement, scale, [&](const Problem& problem, const Measure& measure) {
    return Rational(measure.of(claims::measure(problem, scale.passes), 0));
  });
}

Fit fit_difference(const Statement& statement, const Scale& scale) {
  const claims::BoundFormula formula(statement.formula, {});
  const auto difference = [&](const Problem& problem, const Measure& measure) {
    const CountedSums measured = claims::measure(problem, scale.passes);
    Scope scope = claims::shape_scope(problem);
    add_measured(scope, measured, measure.reading);
    const std::optional<Rational> claimed = to_rational(formula.evaluate(scope, 0));
    if (!claimed) {
      bad_input("the formula's value on {} is no fraction", problem.shape());
    }
    return *claimed - Rational(measure.of(measured, 0));
  };
  try {
    return fit_function(statement, scale, difference);
  } catch (const BadInput& error) {
    return {.measure = {},
            .forms = {{.when = {}, .polynomial = {}, .refused = error.what(), .covers = {}}}};
  }
}

}  // namespace flopmeter::fit
