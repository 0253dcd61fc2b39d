#include "results/stored_rows.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace flopmeter {

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? ""
         : found->is_string()                    ? found->get<std::string>()
                                                 : found->dump();
}

std::string joined(const Json& json, std::initializer_list<const char*> keys) {
  std::string text;
  for (const char* key : keys) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, text_at(json, key));
  }
  return text;
}

std::string kind_of_machine(const Json& environment) {
  return joined(environment, {"cpu", "cpu_id", "isa", "variables"});
}

std::string case_of(const ResultLine& record) {
  const std::int64_t threads = record.integer_at("threads", -1);
  return fmt::format("{}, {} threads, {}", record.text_at("name"),
                     threads < 0 ? "" : fmt::format("{}", threads), record.text_at("cache"));
}

}  // namespace flopmeter
