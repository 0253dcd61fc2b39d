// Keys of objects in the tables that are JSON files. A misspelt one would be a rule that never holds.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "kernels/bad_input.h"

namespace flopmeter {

/// Throws BadInput naming a key of the object that is none of these. Json: nlohmann's.
template <class Json>
void check_keys(const Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      bad_input("unknown key '{}': known are {}", name, fmt::join(known, ", "));
    }
  }
}

}  // namespace flopmeter
