#include "validate/claims/worked.h"

#include <algorithm>

#include "kernels/network/listing.h"

namespace flopmeter::claims {
namespace {

bool same(const std::optional<double>& formula, std::int64_t measured) {
  return formula && SampleComparison{"", *formula, measured}.exact();
}

/// The one problem that the claim's symbols describe when it brings no shape: one sample, what is
/// not said as the layer has it when left out.
Problem from_symbols(const Claim& claim, const Example& example, const AnyLayer& layer) {
  Values values;
  for (const FieldInfo& field : layer.fields) {
    values.push_back(field.key == "mb" ? 1 : field.otherwise);
  }
  for (const auto& [symbol, meanings] : claim.symbols) {
    for (const std::string& meaning : meanings) {
      const auto field = std::ranges::find(layer.fields, meaning, &FieldInfo::key);
      if (example.at.contains(symbol) && field != layer.fields.end()) {
        values[static_cast<std::size_t>(field - layer.fields.begin())] =
            static_cast<std::int64_t>(example.at.find(symbol)->second);
      }
    }
  }
  try {
    return {&layer, layer.complete(values), ""};
  } catch (const BadInput& error) {
    bad_input("the example has too few symbols for a shape, give it a shape ({})", error.what());
  }
}

Network network_of(const Claim& claim, const Example& example, const Model& model) {
  if (claim.layers.empty() && claim.shape.empty()) {
    const Listed only{from_symbols(claim, example, *model.front().layer)};
    return listed_network("layer", {&only, 1});
  }
  return instantiate(model, example.at);
}

/// A symbol that nothing uses is a misspelt one.
void check_symbols(const Claim& claim, const Example& example, const Model& model,
                   const BoundFormula* formula) {
  std::vector<std::string> used;
  for (const auto& [symbol, meanings] : claim.symbols) {
    used.push_back(symbol);
  }
  for (const ModelLayer& layer : model) {
    for (const Placeholder& placeholder : layer.shape.placeholders()) {
      used.push_back(placeholder.symbol);
    }
  }
  if (formula != nullptr) {
    used.insert(used.end(), formula->formula().symbols().begin(),
                formula->formula().symbols().end());
  }
  for (const auto& [symbol, value] : example.at) {
    if (std::ranges::find(used, symbol) == used.end()) {
      bad_input("the example gives '{}', which neither formula nor shape uses", symbol);
    }
  }
}

std::string describe_shapes(const Network& network) {
  std::string text;
  for (const Node& node : network.nodes()) {
    const std::string layer = network.nodes().size() > 1 ? std::string(node.layer->name) + " " : "";
    text += (text.empty() ? "" : " + ") + layer + problem_of(node).shape();
  }
  return text;
}

double at_example(const BoundFormula& formula, const Example& example, const Problem& problem,
                  const CountedSums& measured, PaddingReading reading) {
  Scope scope = shape_scope(problem);
  add_measured(scope, measured, reading);
  return formula.evaluate(scope, 0, example.at);
}

/// The first measure that gives the printed number, else the first that gives the formula's.
std::size_t best_measure(const Worked& worked) {
  const auto at = [&](auto matches) {
    return static_cast<std::size_t>(std::ranges::find_if(worked.values, matches) -
                                    worked.values.begin());
  };
  const std::size_t printed =
      at([&](std::int64_t value) { return worked.example->states == value; });
  const std::size_t computed = at([&](std::int64_t value) { return same(worked.formula, value); });
  return printed < worked.values.size() ? printed : computed < worked.values.size() ? computed : 0;
}

}  // namespace

bool Worked::matches() const { return !example->states || *example->states == measured(); }

std::string Worked::verdict() const {
  const bool formula_agrees = same(formula, measured());
  const bool formula_differs = formula && !formula_agrees;
  if (!example->states) {
    return fmt::format("not stated (measured {})", measured());
  }
  if (matches()) {
    return formula_differs ? fmt::format("matches (but the formula gives {})", number(*formula))
                           : "matches";
  }
  // Without a formula of its own, the closed form of one layer is what the guide should have used.
  if (formula_agrees || (!formula && closed_form_agrees && measures.size() == 1)) {
    return fmt::format("misprinted (the formula gives {})", measured());
  }
  if (formula_differs && !same(formula, *example->states)) {
    return fmt::format("misprinted (measured {}, the formula gives {})", measured(),
                       number(*formula));
  }
  return fmt::format("misprinted (measured {})", measured());
}

std::string Worked::evidence() const {
  std::string text = shape + ": ";
  text += example->states ? fmt::format("stated {}", *example->states) : "nothing stated";
  text += formula ? fmt::format(", the formula gives {}", number(*formula)) : "";
  text += ran ? ", measured" : ", too large to run, closed form";
  const bool all_equal = std::ranges::count(values, values[0]) == std::ssize(values);
  for (std::size_t i = 0; i < (all_equal ? 1 : values.size()); ++i) {
    const std::string how = all_equal ? "" : " " + describe(measures[i]);
    text += fmt::format("{} {}{}", i == 0 ? "" : ",", values[i], how);
  }
  return text;
}

Worked work_out(const Claim& claim, const Example& example, const Model& model,
                const BoundFormula* formula, const std::vector<Measure>& measures) {
  check_symbols(claim, example, model, formula);
  const Network network = network_of(claim, example, model);
  const CountedSums measured = measure(network);
  const CountedSums closed = closed_form(network);
  Worked worked;
  worked.example = &example;
  worked.shape = describe_shapes(network);
  worked.measures = measured.dense == measured.in_bounds ? without_padding(measures) : measures;
  worked.ran = measured.ran;
  for (const Measure& measure : worked.measures) {
    worked.values.push_back(measure.of(measured, 0));
    worked.closed_form_agrees = worked.closed_form_agrees && measure.quantity != "output_size" &&
                                measure.of(closed, 0) == worked.values.back();
  }
  if (formula != nullptr) {
    worked.formula = claim.layers.empty()
                         ? at_example(*formula, example, problem_of(network.nodes()[0]), measured,
                                      measures[0].reading)
                         : formula->evaluate({}, 0, example.at);
  }
  worked.chosen = best_measure(worked);
  return worked;
}

}  // namespace flopmeter::claims
