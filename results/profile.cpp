#include "results/profile.h"

#include <fmt/format.h>

#include <algorithm>
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
}

void each_field(auto& point, auto f) requires requires { point.samples; }
{
  f("kind", point.kind);
  f("dtype", point.dtype);
  f("threads", point.threads);
  f("role", point.role);
  f("at", point.at);
  f("layer", point.layer);
  f("shape", point.shape);
  f("work", point.work);
  f("weight_bytes", point.weight_bytes);
  f("roof", point.roof);
  f("seconds", point.seconds);
  f("samples", point.samples);
  f("reason", point.reason);
}

void each_field(auto& cell, auto f) requires requires { cell.low; }
{
  f("low", cell.low);
  f("high", cell.high);
}

void each_field(auto& constant, auto f) requires requires { constant.within; }
{
  f("kind", constant.kind);
  f("efficiency", constant.efficiency);
  f("within", constant.within);
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
    read_key(json, key, value, std::string_view(key) != "reason");
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

Json grids_of(const std::vector<ProfileGrid>& grids) {
  Json json = Json::array();
  for (const ProfileGrid& grid : grids) {
    json.push_back({{"kind", grid.kind},
                    {"dtype", grid.dtype},
                    {"threads", grid.threads},
                    {"worst_miss", grid.worst_miss},
                    {"cells", rows_of(grid.cells)}});
  }
  return json;
}

std::vector<ProfileGrid> read_grids(const Json& json) {
  std::vector<ProfileGrid> grids;
  const auto found = json.find("grids");
  for (const Json& item : found == json.end() ? Json::array() : *found) {
    ProfileGrid& grid = grids.emplace_back();
    read_key(item, "kind", grid.kind, true);
    read_key(item, "dtype", grid.dtype, true);
    read_key(item, "threads", grid.threads, true);
    read_key(item, "worst_miss", grid.worst_miss, false);
    grid.cells = read_list<ProfileCell>(item, "cells");
  }
  return grids;
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
  for (const ProfileConstant& constant : profile.constants) {
    require_positive(constant.efficiency, "efficiency");
    if (!(constant.within >= 1)) {
      throw std::invalid_argument("profile: within is a factor of 1 or more");
    }
  }
}

}  // namespace

Json to_json(const Profile& profile) {
  return {{"source", profile.source},         {"state", "weights cold, activations warm"},
          {"build", profile.build},           {"level", profile.level},
          {"rates", rows_of(profile.rates)},  {"constants", rows_of(profile.constants)},
          {"grids", grids_of(profile.grids)}, {"points", rows_of(profile.points)}};
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
  profile.grids = read_grids(json);
  profile.points = read_list<ProfilePoint>(json, "points");
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
