#include "validate/published/print.h"

#include <algorithm>
#include <cmath>

#include "kernels/bad_input.h"
#include "kernels/network/listing.h"
#include "validate/claims/shape_template.h"
#include "validate/claims/sweep.h"

namespace flopmeter::published {
namespace {

/// Why there is no number.
struct Failure {
  std::string why;
};

double evaluate(const std::string& formula, const Scope& scope) {
  return Expression(formula).evaluate(scope);
}

bool holds(const std::string& formula, const Scope& scope) {
  return formula.empty() || evaluate(formula, scope) != 0;
}

void assign(const Settings& settings, Scope& scope) {
  for (const auto& [name, formula] : settings) {
    scope[name] = evaluate(formula, scope);
  }
}

void replace(const Scope& values, Scope& scope) {
  for (const auto& [name, value] : values) {
    scope[name] = value;
  }
}

/// Fields, variables and counts of the shape.
Scope shape_and_counts(const Problem& problem) {
  Scope scope = claims::shape_scope(problem);
  const Formula formula = problem.formula(Pass::forward);
  for (const OpKind& kind : op_kinds) {
    scope.emplace(kind.name, exact_double(kind.name, formula.in_bounds.*kind.count));
  }
  scope.emplace("params", exact_double("params", formula.parameters));
  return scope;
}

class Printing {
 public:
  Printing(const Table& table, const Counter& counter, const Quantity& quantity, Pass pass)
      : table_(table),
        counter_(counter),
        quantity_(quantity.name),
        // Parameters are the same in every pass.
        key_(key(quantity.name == "params" ? "forward" : to_string(pass), quantity.name)) {}

  /// `outer` are the values that the surroundings give to symbols, `set` the layer's own.
  double layer(const Problem& problem, const Scope& outer, const Scope& set) {
    if (!table_.readings.contains(problem.layer->name)) {
      return unseen(problem.layer->name);
    }
    const ModuleReading& reading = table_.reading(problem.layer->name);
    const Scope scope = layer_scope(table_, problem, outer, set);
    for (const Note& unlike : reading.unlike) {
      if (holds(unlike.when, scope)) {
        throw Failure{"no rule is known: " + unlike.says};
      }
    }
    if (!counter_.fails_when.empty() && holds(counter_.fails_when, scope)) {
      throw Failure{"fails: " + counter_.fails_says};
    }
    if (!reading.primitives.empty() && scope.at("primitives") != 0) {
      return parts(reading.primitives, scope);
    }
    const Rule* rule = find(problem.layer->name, scope);
    return rule != nullptr ? apply(*rule, scope) : parts(reading.parts, scope);
  }

  std::vector<const Rule*> used() && { return std::move(used_); }
  std::vector<std::string> said() && { return std::move(said_); }

 private:
  /// Of a function that no reading knows: hooks do not see it, and registries have no entry.
  double unseen(std::string_view layer) {
    const Rule& rule = counter_.unseen;
    if (std::ranges::find(rule.layers, layer) == rule.layers.end()) {
      throw Failure{"no rule is known for this layer"};
    }
    used_.push_back(&rule);
    return key_ == "params" ? 0 : evaluate(rule.formulas.begin()->second, {});
  }

  const Rule* find(std::string_view layer, const Scope& scope) const {
    for (const Rule& rule : counter_.rules) {
      if (std::ranges::find(rule.layers, layer) != rule.layers.end() && holds(rule.when, scope)) {
        return &rule;
      }
    }
    return nullptr;
  }

  double apply(const Rule& rule, const Scope& scope) {
    if (std::ranges::find(used_, &rule) == used_.end()) {
      used_.push_back(&rule);
    }
    for (const Note& note : rule.notes) {
      if (holds(note.when, scope) && std::ranges::find(said_, note.says) == said_.end()) {
        said_.push_back(note.says);
      }
    }
    if (!rule.fails.empty()) {
      throw Failure{"fails: " + rule.fails};
    }
    const auto formula = rule.formulas.find(key_);
    if (formula != rule.formulas.end()) {
      return evaluate(formula->second, scope);
    }
    if (quantity_ == "params") {
      return evaluate(counter_.params, scope);
    }
    throw Failure{"counts the forward pass only"};
  }

  double parts(const std::vector<Part>& made_of, const Scope& scope) {
    if (made_of.empty()) {
      throw Failure{"no rule is known for this layer"};
    }
    const Scope outer{{"torch", scope.at("torch")},
                      {"batch", scope.at("batch")},
                      {"samples", scope.at("samples")},
                      {"single", 0.0}};
    double sum = 0;
    for (const Part& part : made_of) {
      if (holds(part.when, scope)) {
        const Problem inner =
            parse_problem(find_layer(part.layer), claims::ShapeTemplate(part.shape).fill(scope));
        sum += static_cast<double>(part.times) * layer(inner, outer, settings_of(part, inner));
      }
    }
    return sum;
  }

  /// The formulas of a part's settings are over its own fields.
  static Scope settings_of(const Part& part, const Problem& inner) {
    Scope set;
    for (const auto& [name, formula] : part.set) {
      set.emplace(name, evaluate(formula, claims::shape_scope(inner)));
    }
    return set;
  }

  const Table& table_;
  const Counter& counter_;
  std::string quantity_;
  std::string key_;
  std::vector<const Rule*> used_;
  std::vector<std::string> said_;
};

}  // namespace

std::string Printed::sources() const {
  std::vector<std::string_view> all;
  for (const Rule* rule : rules) {
    if (std::ranges::find(all, rule->source) == all.end()) {
      all.push_back(rule->source);
    }
  }
  return fmt::format("{}", fmt::join(all, "; "));
}

std::string Printed::notes() const { return fmt::format("{}", fmt::join(said, "; ")); }
std::string Share::notes() const { return fmt::format("{}", fmt::join(said, "; ")); }

Scope layer_scope(const Table& table, const Problem& problem, const Scope& outer,
                  const Scope& set) {
  const ModuleReading& reading = table.reading(problem.layer->name);
  Scope scope = shape_and_counts(problem);
  for (const Symbol& symbol : table.symbols) {
    scope[symbol.name] = symbol.value;
  }
  replace(outer, scope);
  assign(reading.set, scope);
  replace(set, scope);
  if (!outer.contains("batch") && !set.contains("batch")) {
    scope["batch"] = evaluate(reading.batch, scope);
  }
  if (!outer.contains("samples")) {
    scope["samples"] = reading.samples.empty() ? scope["batch"] : evaluate(reading.samples, scope);
  }
  assign(reading.names, scope);
  return scope;
}

Share share(const Table& table, const Counter& counter, const Quantity& quantity,
            const Problem& problem, Pass pass, const Scope& around, const Scope& written) {
  Printing printing(table, counter, quantity, pass);
  Share share;
  try {
    share.value = printing.layer(problem, around, written);
  } catch (const Failure& failure) {
    share.failure = failure.why;
  }
  share.rules = std::move(printing).used();
  share.said = std::move(printing).said();
  return share;
}

Printed print(const Table& table, const Counter& counter, const Quantity& quantity,
              const Network& network, Pass pass, const Scope& usual,
              std::span<const Scope> written) {
  Printing printing(table, counter, quantity, pass);
  Scope outer = usual;
  outer["single"] = network.nodes().size() == 1 ? 1 : 0;
  Printed printed;
  try {
    double sum = 0;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
      sum += printing.layer(problem_of(network.nodes()[i]), outer,
                            written.empty() ? Scope{} : written[i]);
    }
    // Shares of a sample may be fractions; ptflops cuts them off the sum.
    printed.value = static_cast<std::int64_t>(std::trunc(sum));
  } catch (const Failure& failure) {
    printed.failure = failure.why;
  }
  printed.rules = std::move(printing).used();
  printed.said = std::move(printing).said();
  return printed;
}

}  // namespace flopmeter::published
