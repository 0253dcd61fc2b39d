#include "results/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace flopmeter {
namespace {

// One list of fields a row, for reading and writing alike.
void each_field(auto& rate, auto f) requires requires { rate.fixed_seconds; }
{
  f("dtype", rate.dtype);
  f("threads", rate.threads);
  f("operations_per_second", rate.operations_per_second);
  f("bytes_per_second", rate.bytes_per_second);
  f("fixed_seconds", rate.fixed_seconds);
  f("cache_bytes", rate.cache_bytes);
  f("own_cache_bytes", rate.own_cache_bytes);
}

void each_field(auto& point, auto f) requires requires { point.samples; }
{
  f("kind", point.kind);
  f("dtype", point.dtype);
  f("threads", point.threads);
  f("at", point.at);
  f("layer", point.layer);
  f("shape", point.shape);
  f("work", point.work);
  f("weight_bytes", point.weight_bytes);
  f("activation_bytes", point.activation_bytes);
  f("seconds", point.seconds);
  f("cache_seconds", point.cache_seconds);
  f("own_seconds", point.own_seconds);
  f("samples", point.samples);
  f("cache_samples", point.cache_samples);
  f("own_samples", point.own_samples);
  f("left_out", point.left_out);
  f("implementation", point.implementation);
  f("ran_in", point.ran_in);
  f("reason", point.reason);
}

void each_field(auto& fit, auto f) requires requires { fit.lengths; }
{
  f("kind", fit.kind);
  f("dtype", fit.dtype);
  f("threads", fit.threads);
  f("weights", fit.weights);
  f("lengths", fit.lengths);
  f("variance", fit.variance);
  f("noise", fit.noise);
  f("cost", fit.cost);
}

void each_field(auto& constant, auto f) requires requires { constant.within; }
{
  f("kind", constant.kind);
  f("efficiency", constant.efficiency);
  f("within", constant.within);
}

void each_field(auto& point, auto f) requires requires { point.seconds_in_place; }
{
  f("format", point.format);
  f("threads", point.threads);
  f("kind", point.kind);
  f("rows", point.rows);
  f("keys", point.keys);
  f("amount", point.amount);
  f("seconds", point.seconds_in_place);
}

template <class Row>
Json row_of(const Row& row) {
  Json json = Json::object();
  each_field(row, [&](const char* key, const auto& value) { json[key] = value; });
  return json;
}

template <class Row>
Json rows_of(const std::vector<Row>& rows) {
  Json json = Json::array();
  for (const Row& row : rows) {
    json.push_back(row_of(row));
  }
  return json;
}

/// Keys that may be left out by hand keep what they have.
template <class T>
void read_key(const Json& json, const char* key, T& value, bool needed) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) {
    if (needed) {
      throw std::invalid_argument(fmt::format("profile: a row lacks '{}'", key));
    }
    return;
  }
  try {
    value = found->get<T>();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument(
        fmt::format("profile: key '{}': unexpected {}", key, found->type_name()));
  }
}

template <class Row>
Row read_row(const Json& json) {
  Row row;
  if (!json.is_object()) {
    throw std::invalid_argument("profile: a row is no object");
  }
  each_field(row, [&](const char* key, auto& value) {
    constexpr std::array<std::string_view, 5> optional{"reason", "ran_in", "cache_bytes",
                                                       "own_cache_bytes", "cost"};
    read_key(json, key, value,
             std::ranges::find(optional, std::string_view(key)) == optional.end());
  });
  return row;
}

template <class Row>
std::vector<Row> read_list(const Json& json, const char* key) {
  std::vector<Row> rows;
  const auto found = json.find(key);
  if (found == json.end()) {
    return rows;
  }
  if (!found->is_array()) {
    throw std::invalid_argument(fmt::format("profile: '{}' is no list", key));
  }
  for (const Json& item : *found) {
    rows.push_back(read_row<Row>(item));
  }
  return rows;
}

void require_positive(double value, const char* what) {
  if (!(value > 0)) {
    throw std::invalid_argument(fmt::format("profile: {} is {}: must be above 0", what, value));
  }
}

void check(const Profile& profile) {
  if (profile.source != "measured" && profile.source != "data sheet") {
    throw std::invalid_argument(
        fmt::format("profile: source '{}': measured or data sheet", profile.source));
  }
  if (!(profile.level > 0 && profile.level < 1)) {
    throw std::invalid_argument(fmt::format("profile: level {}: above 0, below 1", profile.level));
  }
  for (const ProfileRate& rate : profile.rates) {
    require_positive(rate.operations_per_second, "operations_per_second");
    require_positive(rate.bytes_per_second, "bytes_per_second");
  }
  for (const ProfileFit& fit : profile.fits) {
    require_positive(fit.variance, "variance");
    require_positive(fit.noise, "noise");
    const auto is_cost = [](double one) { return one >= 0 && std::isfinite(one); };
    if (!std::ranges::all_of(fit.cost, is_cost)) {
      throw std::invalid_argument("profile: a cost is below 0 or no number");
    }
    if (!fit.cost.empty()) {
      require_positive(std::ranges::max(fit.cost), "the largest cost");
    }
  }
  for (const ProfileGeneration& point : profile.generation) {
    for (const double value : {point.rows, point.keys, point.amount, point.seconds_in_place}) {
      require_positive(value, "rows, keys, amount or seconds of generation");
    }
  }
  for (const ProfileConstant& constant : profile.constants) {
    require_positive(constant.efficiency, "efficiency");
    if (!(constant.within >= 1)) {
      throw std::invalid_argument("profile: within is a factor of 1 or more");
    }
  }
}

}  // namespace

Json to_json(const Profile& profile) {
  return {{"source", profile.source},
          {"build", profile.build},
          {"level", profile.level},
          {"rates", rows_of(profile.rates)},
          {"fits", rows_of(profile.fits)},
          {"constants", rows_of(profile.constants)},
          {"generation", rows_of(profile.generation)},
          {"points", rows_of(profile.points)}};
}

Profile profile_from_json(const Json& json) {
  if (!json.is_object()) {
    throw std::invalid_argument("profile: no object");
  }
  Profile profile;
  read_key(json, "source", profile.source, true);
  read_key(json, "build", profile.build, false);
  read_key(json, "level", profile.level, false);
  profile.rates = read_list<ProfileRate>(json, "rates");
  profile.constants = read_list<ProfileConstant>(json, "constants");
  if (json.contains("grids")) {
    throw std::invalid_argument(
        "profile: of an earlier version, on grids: flopmeter machine --profile measures it anew");
  }
  profile.fits = read_list<ProfileFit>(json, "fits");
  profile.points = read_list<ProfilePoint>(json, "points");
  profile.generation = read_list<ProfileGeneration>(json, "generation");
  check(profile);
  return profile;
}

std::int64_t MachineFile::last_level_bytes() const {
  std::int64_t bytes = 0;
  for (const CacheRow& cache : machine.caches) {
    bytes = std::max(bytes, cache.bytes.value_or(0));
  }
  return bytes;
}

MachineFile parse_machine_file(std::string_view text, const std::string& path) {
  MachineFile file;
  file.path = path;
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object()) {
    throw std::invalid_argument("not one JSON document, as flopmeter machine -o writes it");
  }
  const auto environment = document.find("environment");
  if (environment != document.end() && environment->is_object()) {
    file.environment = environment_from_json(*environment);
  }
  file.machine = machine_from_json(document);
  if (const auto profile = document.find("profile"); profile != document.end()) {
    file.profile = profile_from_json(*profile);
  }
  return file;
}

}  // namespace flopmeter
