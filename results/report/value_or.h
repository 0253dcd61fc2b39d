// Values of JSON that may be missing.
#pragma once

#include <nlohmann/json.hpp>

#include "results/json.h"

namespace flopmeter::report {

/// What stands under the key; `otherwise` where it is absent or null. Throws nlohmann::json::exception for another type.
template <class T>
T value_or(const Json& json, const char* key, T otherwise) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? otherwise : found->get<T>();
}

}  // namespace flopmeter::report
