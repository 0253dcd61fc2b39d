// What `flopmeter check` says of a user's formula.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "validate/claims/check.h"
#include "validate/fit/fit.h"

namespace flopmeter {

/// {layer, quantity, convention, passes, dtype, relation, formula, verdict, holds, readings:
/// [...]}.
nlohmann::ordered_json to_json(const claims::Check& check);

/// The same for people: a line a reading, the counterexample and the command that shows it.
std::string to_text(const claims::Check& check);

/// A closed form that was inferred and, where there is a formula, the formula less that.
struct FitReport {
  claims::Statement statement;
  claims::Scale scale;
  fit::Fit fit;
  std::optional<fit::Fit> difference;
};

/// {layer, quantity, convention, passes, dtype, fit: {...}, difference: {...} or null}.
nlohmann::ordered_json to_json(const FitReport& report);

/// "macs = mb*ic*oc", with the shapes that it was inferred from and verified on.
std::string to_text(const FitReport& report);

/// "macs of conv2d, forward"; bytes with their dtype.
std::string check_subject(const claims::Statement& statement, const claims::Scale& scale);

/// The keys that say what is checked.
nlohmann::ordered_json check_json(const claims::Statement& statement, const claims::Scale& scale);

}  // namespace flopmeter
