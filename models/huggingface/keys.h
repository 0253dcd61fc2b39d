// Settings of a config.json by their names, of which families have several for the same thing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace flopmeter::huggingface {

using Json = nlohmann::json;

/// The first of several names that has a value; null where there is none.
const Json* find_key(const Json& config, std::initializer_list<const char*> names);

/// A size. Throws BadInput naming the setting where it is something else.
std::int64_t number(const Json& config, std::initializer_list<const char*> names,
                    std::int64_t otherwise);

bool flag(const Json& config, std::initializer_list<const char*> names, bool otherwise);
/// 0 where it is missing.
double real(const Json& config, const char* name);
std::string text(const Json& config, std::initializer_list<const char*> names);

}  // namespace flopmeter::huggingface
