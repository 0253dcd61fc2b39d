#include "validate/published/counter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embedded/published_counters.h"
#include "kernels/bad_input.h"
#include "validate/json_keys.h"

namespace flopmeter::published {
namespace {

using Json = nlohmann::ordered_json;
using Groups = std::map<std::string, std::vector<std::string>>;

const Json& member(const Json& object, const char* name) {
  static const Json none = Json::object();
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text(const Json& object, const char* name) { return object.value(name, std::string()); }

Settings read_settings(const Json& object) {
  Settings settings;
  for (const auto& [name, formula] : object.items()) {
    settings.emplace_back(name, formula.get<std::string>());
  }
  return settings;
}

/// Names of layers, groups replaced by what is in them.
std::vector<std::string> read_layers(const Json& names, const Groups& groups) {
  std::vector<std::string> layers;
  for (const Json& name : names) {
    const auto group = groups.find(name.get<std::string>());
    if (group == groups.end()) {
      layers.push_back(name.get<std::string>());
    } else {
      layers.insert(layers.end(), group->second.begin(), group->second.end());
    }
  }
  return layers;
}

Part read_part(const Json& json) {
  check_keys(json, {"layer", "shape", "when", "times", "set"});
  return {json.at("layer").get<std::string>(), json.at("shape").get<std::string>(),
          text(json, "when"), json.value("times", std::int64_t{1}),
          read_settings(member(json, "set"))};
}

std::vector<Note> read_conditions(const Json& list) {
  std::vector<Note> notes;
  for (const Json& note : list) {
    check_keys(note, {"when", "says"});
    notes.push_back({note.at("when").get<std::string>(), note.at("says").get<std::string>()});
  }
  return notes;
}

ModuleReading read_reading(const Json& json) {
  check_keys(json, {"layers", "module", "set", "batch", "samples", "unlike", "names", "parts",
                    "primitives"});
  ModuleReading reading{json.at("module").get<std::string>(),
                        json.at("batch").get<std::string>(),
                        text(json, "samples"),
                        read_settings(member(json, "set")),
                        read_conditions(member(json, "unlike")),
                        read_settings(member(json, "names")),
                        {},
                        {}};
  for (const Json& part : member(json, "parts")) {
    reading.parts.push_back(read_part(part));
  }
  for (const Json& part : member(json, "primitives")) {
    reading.primitives.push_back(read_part(part));
  }
  return reading;
}

/// {"macs": formula, "backward_data": {"macs": formula}}.
void read_formulas(const Json& json, std::string_view pass, Rule& rule) {
  for (const char* quantity : {"macs", "flops", "params"}) {
    if (json.contains(quantity)) {
      rule.formulas.emplace(key(pass, quantity), json[quantity].get<std::string>());
    }
  }
}

/// {"note": text} is said always, {"notes": [{"when": formula, "says": text}]} where it applies.
std::vector<Note> read_notes(const Json& json) {
  std::vector<Note> notes;
  if (json.contains("note")) {
    notes.push_back({"", json["note"].get<std::string>()});
  }
  std::ranges::copy(read_conditions(member(json, "notes")), std::back_inserter(notes));
  return notes;
}

Rule read_rule(const Json& json, const Groups& groups) {
  check_keys(json, {"layers", "when", "macs", "flops", "params", "backward_data",
                    "backward_weights", "fails", "source", "note", "notes"});
  Rule rule;
  rule.layers = read_layers(json.at("layers"), groups);
  rule.when = text(json, "when");
  rule.fails = text(json, "fails");
  rule.source = json.at("source").get<std::string>();
  rule.notes = read_notes(json);
  read_formulas(json, "forward", rule);
  for (const char* pass : {"backward_data", "backward_weights"}) {
    check_keys(member(json, pass), {"macs", "flops", "params"});
    read_formulas(member(json, pass), pass, rule);
  }
  return rule;
}

Counter read_counter(const Json& json, const Groups& groups) {
  check_keys(json, {"name", "project", "version", "url", "how", "note", "prints", "params",
                    "params_note", "fails", "unseen", "rules"});
  Counter counter;
  counter.name = json.at("name").get<std::string>();
  counter.project = json.at("project").get<std::string>();
  counter.version = json.at("version").get<std::string>();
  counter.url = json.at("url").get<std::string>();
  counter.how = json.at("how").get<std::string>();
  counter.note = text(json, "note");
  counter.params = text(json, "params");
  counter.params_note = text(json, "params_note");
  check_keys(member(json, "fails"), {"when", "says"});
  counter.fails_when = text(member(json, "fails"), "when");
  counter.fails_says = text(member(json, "fails"), "says");
  for (const Json& printed : json.at("prints")) {
    check_keys(printed, {"quantity", "unit", "is"});
    counter.prints.push_back({printed.at("quantity").get<std::string>(),
                              printed.at("unit").get<std::string>(),
                              printed.at("is").get<std::string>()});
  }
  if (json.contains("unseen")) {
    counter.unseen = read_rule(json["unseen"], groups);
  }
  for (const Json& rule : json.at("rules")) {
    counter.rules.push_back(read_rule(rule, groups));
  }
  return counter;
}

Table read(const Json& file, std::string& where) {
  check_keys(file, {"about", "symbols", "groups", "layers", "counters"});
  const auto groups = file.at("groups").get<Groups>();
  Table table;
  for (const Json& symbol : file.at("symbols")) {
    check_keys(symbol, {"name", "value", "says"});
    table.symbols.push_back({symbol.at("name").get<std::string>(), symbol.at("value").get<double>(),
                             symbol.at("says").get<std::string>()});
  }
  for (const Json& reading : file.at("layers")) {
    where = reading.at("layers").dump();
    for (const std::string& layer : read_layers(reading.at("layers"), groups)) {
      table.readings.emplace(layer, read_reading(reading));
    }
  }
  for (const Json& counter : file.at("counters")) {
    where = counter.at("name").get<std::string>();
    table.counters.push_back(read_counter(counter, groups));
  }
  return table;
}

}  // namespace

std::string key(std::string_view pass, std::string_view quantity) {
  return pass == "forward" ? std::string(quantity) : fmt::format("{} {}", pass, quantity);
}

const Counter& Table::counter(std::string_view name) const {
  const auto found = std::ranges::find(counters, name, &Counter::name);
  if (found == counters.end()) {
    std::string known;
    for (const Counter& counter : counters) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", counter.name);
    }
    bad_input("unknown counter '{}': one of {}", name, known);
  }
  return *found;
}

const ModuleReading& Table::reading(std::string_view layer) const {
  const auto found = readings.find(layer);
  if (found == readings.end()) {
    bad_input("published counters: nothing is known of layer '{}'", layer);
  }
  return found->second;
}

Table read_table(std::string_view json, std::string_view origin) {
  std::string where = "symbols and groups";
  try {
    return read(Json::parse(json), where);
  } catch (const std::exception& error) {
    bad_input("{}: {}: {}", origin, where, error.what());
  }
}

const Table& table() {
  static const Table own = read_table(embedded::published_counters(), "published/counters.json");
  return own;
}

}  // namespace flopmeter::published
