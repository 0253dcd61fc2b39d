#include "validate/executed/effect_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "embedded/effects.h"
#include "kernels/bad_input.h"
#include "results/system_file.h"

namespace flopmeter {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Expression> optional_expression(std::string_view text) {
  std::vector<Expression> result;
  if (!text.empty()) result.emplace_back(text);
  return result;
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
  return result;
}

std::vector<Pass> passes_of(const Json& names) {
  std::vector<Pass> passes;
  for (const Json& name : names) passes.push_back(parse_pass(name.get<std::string>()));
  return passes;
}

EffectRow read_row(const Json& json, const Json& groups) {
  const auto text = [&](const char* key) { return json.value(key, std::string()); };
  std::vector<std::pair<std::string, std::string>> lets;
  if (json.contains("let"))
    for (const auto& [name, formula] : json.at("let").items())
      lets.emplace_back(name, formula.get<std::string>());
  return {
      json.value("backend", std::string("onednn")),
      json.contains("layers") ? names_of(json.at("layers"), groups) : std::vector<std::string>(),
      json.contains("passes") ? passes_of(json.at("passes")) : std::vector<Pass>(),
      text("implementation"),
      text("not_implementation"),
      Effect(json.at("effect").get<std::string>(), text("text"), json.value("when", "1"),
             std::move(lets), text("macs"), text("operations"))};
}

std::vector<EffectRow> read_table() {
  const Json json = Json::parse(embedded::effects());
  std::vector<EffectRow> rows;
  for (const Json& row : json.at("effects")) rows.push_back(read_row(row, json.at("groups")));
  return rows;
}

std::int64_t integer(double value, const std::string& formula) {
  if (value != std::floor(value)) bad_input("effect '{}': {} is no integer", formula, value);
  return static_cast<std::int64_t>(value);
}

}  // namespace

Effect::Effect(std::string name, std::string_view text, std::string_view when,
               std::vector<std::pair<std::string, std::string>> lets, std::string_view macs,
               std::string_view operations)
    : name_(std::move(name)),
      text_(text),
      when_(when),
      macs_(optional_expression(macs)),
      operations_(optional_expression(operations)) {
  for (auto& [symbol, formula] : lets) lets_.emplace_back(std::move(symbol), Expression(formula));
}

Scope Effect::with_lets(Scope scope) const {
  for (const auto& [name, formula] : lets_) scope[name] = formula.evaluate(scope);
  return scope;
}

std::int64_t Effect::apply(Quantity quantity, Scope scope) const {
  const std::vector<Expression>& form = quantity == Quantity::macs ? macs_ : operations_;
  const auto before = static_cast<std::int64_t>(scope.at("before"));
  if (form.empty()) return before;
  const Scope full = with_lets(std::move(scope));
  if (when_.evaluate(full) == 0) return before;
  return integer(form.front().evaluate(full), form.front().text());
}

bool EffectRow::concerns_one(std::string_view name) const {
  return name.find(implementation) != std::string_view::npos &&
         (not_implementation.empty() || name.find(not_implementation) == std::string_view::npos);
}

bool EffectRow::concerns(std::string_view backend_of_it, std::string_view layer, Pass pass,
                         std::string_view implementations) const {
  return backend == backend_of_it &&
         (layers.empty() || std::ranges::find(layers, layer) != layers.end()) &&
         (passes.empty() || std::ranges::find(passes, pass) != passes.end()) &&
         (implementations.empty() ||
          std::ranges::any_of(split(implementations, ","),
                              [&](const std::string& name) { return concerns_one(name); }));
}

std::span<const EffectRow> effect_table() {
  static const std::vector<EffectRow> table = read_table();
  return table;
}

}  // namespace flopmeter
