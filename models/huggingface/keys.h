// Settings of a config.json by their names, of which families have several for the same thing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter::huggingface {

using Json = nlohmann::json;

/// A JSON object, and which of its names somebody has asked for.
class Settings {
 public:
  Settings(const Json& json) : json_(&json) {}  // NOLINT: an object within one is one

  const Json& json() const { return *json_; }
  /// The first of several names that has a value; null where there is none. All of them are asked for.
  const Json* find(std::initializer_list<const char*> names) const;
  /// Names that nobody asked for and whose values may change what a model computes: not null, false or empty, and
  /// not known to say nothing of its arithmetic.
  std::vector<std::string> unread() const;

 private:
  const Json* json_;
  mutable std::set<std::string, std::less<>> asked_;
};

/// As Settings::find.
const Json* find_key(const Settings& config, std::initializer_list<const char*> names);

/// Whether it is a list that holds the number.
bool lists(const Json* list, std::int64_t number);

/// A size. Throws BadInput naming the setting where it is something else.
std::int64_t number(const Settings& config, std::initializer_list<const char*> names,
                    std::int64_t otherwise);

bool flag(const Settings& config, std::initializer_list<const char*> names, bool otherwise);
/// 0 where it is missing.
double real(const Settings& config, const char* name);
std::string text(const Settings& config, std::initializer_list<const char*> names);

}  // namespace flopmeter::huggingface
