// Of which powers of a variable a function of it is made.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "validate/fit/modular.h"

namespace flopmeter::fit {

/// The function's value at some values of its variable.
using Graph = std::map<std::int64_t, Modular>;

/// The powers of the variable of which the values are made, from -2 to 4; several points more than
/// powers must agree. Empty when they are not.
std::optional<std::set<int>> powers_along(const Graph& graph);

}  // namespace flopmeter::fit
