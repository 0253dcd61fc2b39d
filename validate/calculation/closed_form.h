// The closed form of a layer's MACs on one shape, written in its dimensions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "validate/calculation/calculation.h"
#include "validate/claims/check.h"

namespace flopmeter::calculation {

/// A formula in the names of the shape, and its value.
struct ClosedForm {
  std::string text;
  std::vector<std::string> names;  // that it uses
  std::int64_t value = 0;
};

/// Either the form or the reason why there is none.
struct FoundForm {
  std::optional<ClosedForm> form;
  std::string reason;
};

/// Of the quantity, "macs", on this shape and those like it.
FoundForm find_form(const Problem& problem, Pass pass, claims::PaddingReading reading,
                    std::string_view quantity);

/// The value of a field or of a variable derived from the shape.
std::optional<std::int64_t> dimension(const Problem& problem, std::string_view name);

/// The formula with values in the place of names: "2*4*8".
std::string with_numbers(const Problem& problem, std::string_view formula);

}  // namespace flopmeter::calculation
