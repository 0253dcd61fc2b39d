// Closed forms inferred from measured counts, without being told any.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "validate/claims/check.h"
#include "validate/fit/polynomial.h"

namespace flopmeter::fit {

/// The closed form on the shapes that `when` names (empty: all of them), or why there is none.
struct Form {
  std::string when;
  std::optional<Polynomial> polynomial;
  std::size_t inferred_from = 0;  // shapes
  std::size_t verified_on = 0;    // other shapes, on all of which it is exact
  std::string refused;
  /// Whether `when` is true of complete values.
  std::function<bool(const Values&)> covers = {};
};

struct Fit {
  claims::Measure measure;
  std::vector<Form> forms;  // together they cover all shapes

  bool found() const;
};

/// The quantity of the statement. Padding is read as zeros unless the scale says otherwise: what
/// lies in bounds is no polynomial of the dimensions.
Fit fit(const claims::Statement& statement, const claims::Scale& scale);

/// The statement's formula less what it is about: 0 where they are the same polynomial.
Fit fit_difference(const claims::Statement& statement, const claims::Scale& scale);

}  // namespace flopmeter::fit
