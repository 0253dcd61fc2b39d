#include "results/read_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "results/json.h"

namespace flopmeter {
namespace {

// Every file begins so. Nothing else is touched, however a user came to name it.
constexpr std::string_view beginning = R"({"type":"environment",)";

std::string text_at(const Json& json, std::string_view key) {
  const auto found = json.find(std::string(key));
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

void add_environment(StoredResults& results, const Json& json) {
  Environment environment = environment_from_json(json);
  if (environment.schema > schema_version) {
    throw std::invalid_argument(fmt::format("schema {} is newer than this program's {}",
                                            environment.schema, schema_version));
  }
  results.environments.push_back({text_at(json, "fingerprint"), std::move(environment)});
}

/// False when the line is not JSON.
bool add_line(StoredResults& results, std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) {
    return false;
  }
  const std::string type = text_at(json, "type");
  if (type == "environment") {
    add_environment(results, json);
  } else if (type == "record") {
    results.records.push_back({text_at(json, "environment"), record_from_json(json)});
  } else if (type == "machine") {
    results.machines.push_back({text_at(json, "environment"), machine_from_json(json)});
  } else if (type == "formula") {
    results.formulas.push_back({text_at(json, "environment"), formula_from_json(json)});
  } else if (type == "claim") {
    results.claims.push_back({text_at(json, "environment"), claim_from_json(json)});
  }
  return true;
}

}  // namespace

StoredResults parse_results(std::string_view text, std::string_view origin) {
  const std::string_view start = text.substr(0, beginning.size());
  if (!beginning.starts_with(start)) {
    throw CannotRead(fmt::format("'{}' is not a file of flopmeter results", origin));
  }
  StoredResults results;
  std::size_t number = 0;
  while (results.complete_bytes < text.size()) {
    ++number;
    const std::string_view rest = text.substr(results.complete_bytes);
    const std::size_t length = std::min(rest.find('\n'), rest.size());
    const bool ended = length < rest.size();
    try {
      if (!add_line(results, rest.substr(0, length))) {
        if (!ended) {
          break;  // cut off while it was written
        }
        throw std::invalid_argument("not a JSON object");
      }
    } catch (const std::invalid_argument& error) {
      throw CannotRead(fmt::format("'{}' line {}: {}", origin, number, error.what()));
    }
    results.ends_in_newline = ended;
    results.complete_bytes += length + (ended ? 1 : 0);
  }
  return results;
}

StoredResults read_results(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::vector<char> part(1 << 16);
  while (file) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    throw CannotRead(
        fmt::format("cannot read '{}': {}", path.string(), std::generic_category().message(errno)));
  }
  return parse_results(text, path.string());
}

}  // namespace flopmeter
