#include "results/read_results.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "results/json.h"

namespace flopmeter {
namespace {

void add_environment(StoredResults& results, const ResultLine& line) {
  Environment environment = environment_from_json(line.json());
  if (environment.schema > schema_version) {
    throw std::invalid_argument(fmt::format("schema {} is newer than this program's {}",
                                            environment.schema, schema_version));
  }
  results.environments.push_back(
      {std::string(line.text_at("fingerprint")), std::move(environment)});
}

StoredResults with_end(StoredResults results, const LinesEnd& end) {
  results.complete_bytes = end.complete_bytes;
  results.ends_in_newline = end.ends_in_newline;
  return results;
}

}  // namespace

void add_line(StoredResults& results, const ResultLine& line) {
  const std::string environment(line.text_at("environment"));
  const std::string_view type = line.type();
  if (type == "environment") {
    add_environment(results, line);
  } else if (type == "record") {
    line.read(results.records.emplace_back(Stored<Record>{environment, {}}).row);
  } else if (type == "machine") {
    results.machines.push_back({environment, machine_from_json(line.json())});
  } else if (type == "formula") {
    results.formulas.push_back({environment, formula_from_json(line.json())});
  } else if (type == "claim") {
    results.claims.push_back({environment, claim_from_json(line.json())});
  }
}

StoredResults parse_results(std::string_view text, std::string_view origin) {
  StoredResults results;
  const LinesEnd end = for_each_line_of(
      text, origin, [&](const ResultLine& line, LinePlace) { add_line(results, line); });
  return with_end(std::move(results), end);
}

StoredResults read_results(const std::filesystem::path& path) {
  StoredResults results;
  const LinesEnd end =
      for_each_line(path, [&](const ResultLine& line, LinePlace) { add_line(results, line); });
  return with_end(std::move(results), end);
}

}  // namespace flopmeter
