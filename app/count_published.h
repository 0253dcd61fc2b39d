// The part of `flopmeter count` that sets published counters beside the counted reference.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "counters/convention.h"
#include "validate/published/verdict.h"

namespace flopmeter {

/// What --convention asks for: rules of our own, and published counters.
struct SelectedConventions {
  std::vector<const Convention*> own;
  std::vector<const published::Counter*> counters;
};

/// Names of either, or "all"; nothing: all of our own. Throws BadInput naming the known ones.
SelectedConventions select_conventions(const std::vector<std::string>& names);

/// Whose number it is: {counter, project, version, url, quantity, unit, convention, printed: null}.
nlohmann::json quantity_json(const published::Counter& counter,
                             const published::Quantity& quantity);

/// One object a number: {counter, version, url, unit, printed, counted, factor, verdict, ...}.
nlohmann::json published_json(const std::vector<published::Row>& rows);

/// The same as an aligned table, with the notes below.
std::string published_text(const std::vector<published::Row>& rows);

}  // namespace flopmeter
