#include "validate/executed/effect_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "embedded/effects.h"
#include "kernels/bad_input.h"
#include "results/system_file.h"
#include "validate/json_keys.h"

namespace flopmeter {
namespace {

using Json = nlohmann::ordered_json;

bool known_backend(const std::string& name) {
  return std::ranges::any_of(layers(), [&](const AnyLayer& layer) {
    return std::ranges::find(layer.backends, name, &AnyBackend::name) != layer.backends.end();
  });
}

std::string backend_of(const Json& json) {
  const auto name = json.value("backend", std::string("onednn"));
  if (!known_backend(name)) bad_input("no layer has a backend '{}'", name);
  return name;
}

std::vector<std::string> names_of(const Json& names, const Json& groups) {
  std::vector<std::string> result;
  for (const Json& name : names) {
    const auto group = groups.find(name.get<std::string>());
    if (group == groups.end()) {
      result.push_back(name.get<std::string>());
    } else {
      std::ranges::copy(group->get<std::vector<std::string>>(), std::back_inserter(result));
    }
  }
  for (const std::string& name : result) find_layer(name);  // throws when there is none
  return result;
}

std::vector<Pass> passes_of(const Json& names) {
  std::vector<Pass> passes;
  for (const Json& name : names) passes.push_back(parse_pass(name.get<std::string>()));
  return passes;
}

std::map<Quantity, std::string> forms_of(const Json& json) {
  std::map<Quantity, std::string> forms;
  for (const auto& [key, quantity] : {std::pair{"macs", Quantity::macs},
                                      {"macs and products", Quantity::macs},
                                      {"macs and products", Quantity::products},
                                      {"products", Quantity::products},
                                      {"operations", Quantity::operations}}) {
    if (json.contains(key) && !forms.emplace(quantity, json.at(key).get<std::string>()).second) {
      bad_input("'{}' is a second formula of the same", key);
    }
  }
  return forms;
}

EffectRow read_row(const Json& json, const Json& groups) {
  check_keys(json, {"backend", "versions", "layers", "passes", "implementation",
                    "not_implementation", "effect", "after", "text", "when", "let", "macs",
                    "macs and products", "products", "operations"});
  const auto text = [&](const char* key) { return json.value(key, std::string()); };
  std::vector<std::pair<std::string, std::string>> lets;
  if (json.contains("let"))
    for (const auto& [name, formula] : json.at("let").items())
      lets.emplace_back(name, formula.get<std::string>());
  return {
      backend_of(json),
      json.contains("versions") ? VersionRange(json.at("versions").get<std::string>())
                                : VersionRange(),
      json.contains("layers") ? names_of(json.at("layers"), groups) : std::vector<std::string>(),
      json.contains("passes") ? passes_of(json.at("passes")) : std::vector<Pass>(),
      text("implementation"),
      text("not_implementation"),
      json.value("after", std::vector<std::string>()),
      Effect(json.at("effect").get<std::string>(), text("text"), json.value("when", "1"),
             std::move(lets), forms_of(json))};
}

/// "effect number 3, 'dead taps'", for messages.
std::string name_of(const Json& row, std::size_t number) {
  const bool named = row.is_object() && row.contains("effect") && row["effect"].is_string();
  return fmt::format("effect number {}{}", number,
                     named ? fmt::format(", '{}'", row["effect"].get<std::string>()) : "");
}

std::int64_t integer(double value, const std::string& formula) {
  if (value != std::floor(value)) bad_input("effect '{}': {} is no integer", formula, value);
  return static_cast<std::int64_t>(value);
}

}  // namespace

Effect::Effect(std::string name, std::string_view text, std::string_view when,
               std::vector<std::pair<std::string, std::string>> lets,
               const std::map<Quantity, std::string>& forms)
    : name_(std::move(name)), text_(text), when_(when) {
  for (const auto& [quantity, formula] : forms) forms_.emplace(quantity, Expression(formula));
  for (auto& [symbol, formula] : lets) lets_.emplace_back(std::move(symbol), Expression(formula));
}

Scope Effect::with_lets(Scope scope) const {
  for (const auto& [name, formula] : lets_) scope[name] = formula.evaluate(scope);
  return scope;
}

std::int64_t Effect::apply(Quantity quantity, Scope scope) const {
  const auto form = forms_.find(quantity);
  const auto before = static_cast<std::int64_t>(scope.at("before"));
  if (form == forms_.end()) return before;
  const Scope full = with_lets(std::move(scope));
  if (when_.evaluate(full) == 0) return before;
  return integer(form->second.evaluate(full), form->second.text());
}

bool EffectRow::concerns_one(std::string_view name) const {
  return name.find(implementation) != std::string_view::npos &&
         (not_implementation.empty() || name.find(not_implementation) == std::string_view::npos);
}

bool EffectRow::concerns(std::string_view backend_of_it, std::string_view version,
                         std::string_view layer, Pass pass,
                         std::string_view implementations) const {
  return backend == backend_of_it && versions.holds(version) &&
         (layers.empty() || std::ranges::find(layers, layer) != layers.end()) &&
         (passes.empty() || std::ranges::find(passes, pass) != passes.end()) &&
         (implementations.empty() ||
          std::ranges::any_of(split(implementations, ","),
                              [&](const std::string& name) { return concerns_one(name); }));
}

std::vector<EffectRow> read_effects(std::string_view json, std::string_view origin) {
  std::string where = "the whole";
  std::vector<EffectRow> rows;
  try {
    const Json file = Json::parse(json);
    check_keys(file, {"about", "groups", "effects"});
    for (const Json& row : file.at("effects")) {
      where = name_of(row, rows.size() + 1);
      rows.push_back(read_row(row, file.at("groups")));
    }
  } catch (const std::exception& error) {
    bad_input("{}: {}: {}", origin, where, error.what());
  }
  return rows;
}

std::span<const EffectRow> effect_table() {
  static const std::vector<EffectRow> table = read_effects(embedded::effects(), "effects.json");
  return table;
}

}  // namespace flopmeter
