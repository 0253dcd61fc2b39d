#include "results/json.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace flopmeter {
namespace {

Json json_of(const std::string& text) { return text; }
Json json_of(std::int64_t value) { return value; }
Json json_of(double value) { return std::isfinite(value) ? Json(value) : Json(); }
Json json_of(const std::vector<std::string>& words) { return words; }

template <class T>
Json json_of(const std::optional<T>& value) {
  return value ? json_of(*value) : Json();
}

Json json_of(const std::vector<double>& values) {
  Json array = Json::array();
  for (const double value : values) {
    array.push_back(json_of(value));
  }
  return array;
}

Json json_of(const NamedValues& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) {
    object[name] = value;
  }
  return object;
}

void require(bool right, const Json& json) {
  if (!right) {
    throw std::invalid_argument(fmt::format("unexpected {}", json.type_name()));
  }
}

// nlohmann's own conversions would turn 1.5 into 1 and `true` into 1.
void read(const Json& json, std::int64_t& value) {
  require(json.is_number_integer(), json);
  const bool too_large = json.is_number_unsigned() &&
                         json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max();
  require(!too_large, json);
  value = json.get<std::int64_t>();
}

void read(const Json& json, double& value) {
  require(json.is_number(), json);
  value = json.get<double>();
}

void read(const Json& json, std::string& text) {
  require(json.is_string(), json);
  text = json.get<std::string>();
}

template <class T>
void read(const Json& json, std::optional<T>& value) {
  read(json, value.emplace());
}

void read(const Json& json, std::vector<std::string>& words) {
  require(json.is_array(), json);
  for (const Json& item : json) {
    read(item, words.emplace_back());
  }
}

void read(const Json& json, std::vector<double>& values) {
  require(json.is_array(), json);
  for (const Json& item : json) {
    values.push_back(std::numeric_limits<double>::quiet_NaN());
    if (!item.is_null()) {
      read(item, values.back());
    }
  }
}

void read(const Json& json, NamedValues& values) {
  require(json.is_object(), json);
  for (const auto& [name, item] : json.items()) {
    values.emplace_back(name, "");
    read(item, values.back().second);
  }
}

void append_fields(Json& json, const auto& object, auto fields) {
  for (const auto& field : fields) {
    std::visit([&](auto member) { json[std::string(field.key)] = json_of(object.*member); },
               field.member);
  }
}

template <class Object>
Object object_from(const Json& json, auto fields) {
  require(json.is_object(), json);
  Object object;
  for (const auto& field : fields) {
    const auto found = json.find(std::string(field.key));
    if (found == json.end() || found->is_null()) {
      continue;
    }
    try {
      std::visit([&](auto member) { read(*found, object.*member); }, field.member);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("key '{}': {}", field.key, error.what()));
    }
  }
  return object;
}

template <class Row>
Json json_of(const std::vector<Row>& rows) {
  Json array = Json::array();
  for (const Row& row : rows) {
    append_fields(array.emplace_back(Json::object()), row, row_fields<Row>());
  }
  return array;
}

template <class Row>
void read_rows(const Json& json, std::string_view key, std::vector<Row>& rows) {
  const auto found = json.find(std::string(key));
  if (found == json.end() || found->is_null()) {
    return;
  }
  if (!found->is_array()) {
    throw std::invalid_argument(fmt::format("key '{}': unexpected {}", key, found->type_name()));
  }
  for (const Json& item : *found) {
    rows.push_back(object_from<Row>(item, row_fields<Row>()));
  }
}

/// Every list of a machine with its key, for reading and writing alike.
void for_each_list(auto& machine, auto f) {
  f("caches", machine.caches);
  f("clock", machine.clock);
  f("throughput", machine.throughput);
  f("bandwidth", machine.bandwidth);
  f("latency", machine.latency);
  f("ridges", machine.ridges);
}

void append_machine(Json& json, const Machine& machine) {
  append_fields(json, machine, row_fields<Machine>());
  for_each_list(machine, [&](const char* key, const auto& rows) { json[key] = json_of(rows); });
}

Json object_of(const auto& object, auto fields) {
  Json json = Json::object();
  append_fields(json, object, fields);
  return json;
}

std::string line_of(std::string_view type, std::string_view environment, const auto& object,
                    auto fields) {
  Json json{{"type", type}, {"environment", environment}};
  append_fields(json, object, fields);
  return json_line(json);
}

}  // namespace

Json to_json(const Record& record) { return object_of(record, record_fields()); }

Json to_json(const Environment& environment) {
  return object_of(environment, environment_fields());
}

Json to_json(const FormulaRow& row) { return object_of(row, row_fields<FormulaRow>()); }

Json to_json(const ClaimRow& row) { return object_of(row, row_fields<ClaimRow>()); }

Json to_json(const Machine& machine) {
  Json json = Json::object();
  append_machine(json, machine);
  return json;
}

Record record_from_json(const Json& json) { return object_from<Record>(json, record_fields()); }

Environment environment_from_json(const Json& json) {
  return object_from<Environment>(json, environment_fields());
}

FormulaRow formula_from_json(const Json& json) {
  return object_from<FormulaRow>(json, row_fields<FormulaRow>());
}

ClaimRow claim_from_json(const Json& json) {
  return object_from<ClaimRow>(json, row_fields<ClaimRow>());
}

Machine machine_from_json(const Json& json) {
  auto machine = object_from<Machine>(json, row_fields<Machine>());
  for_each_list(machine, [&](const char* key, auto& rows) { read_rows(json, key, rows); });
  return machine;
}

std::string json_line(const Json& json) {
  // A name may come from any file; the default handler would throw in the middle of a run.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string environment_line(const Environment& environment) {
  Json json{{"type", "environment"}, {"fingerprint", fingerprint(environment)}};
  append_fields(json, environment, environment_fields());
  return json_line(json);
}

std::string record_line(const Record& record, std::string_view environment) {
  return line_of("record", environment, record, record_fields());
}

std::string formula_line(const FormulaRow& row, std::string_view environment) {
  return line_of("formula", environment, row, row_fields<FormulaRow>());
}

std::string claim_line(const ClaimRow& row, std::string_view environment) {
  return line_of("claim", environment, row, row_fields<ClaimRow>());
}

std::string machine_line(const Machine& machine, std::string_view environment) {
  Json json{{"type", "machine"}, {"environment", environment}};
  append_machine(json, machine);
  return json_line(json);
}

}  // namespace flopmeter
