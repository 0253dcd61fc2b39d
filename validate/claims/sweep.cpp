#include "validate/claims/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include "counters/convention.h"
#include "kernels/network/listing.h"
#include "validate/claims/sweep_shapes.h"

namespace flopmeter::claims {
namespace {

constexpr std::size_t model_samples = 192;
constexpr std::int64_t largest_symbol = 12;  // where no field says what is small

const OpCounts& counts(const CountedSums& measured, PaddingReading reading) {
  return reading == PaddingReading::dense ? measured.dense : measured.in_bounds;
}

/// MACs of the same shape with one sample, where samples are a field.
void add_one_sample(Sample& sample, const Problem& problem, const Measuring& measuring) {
  const auto mb = std::ranges::find(problem.layer->fields, "mb", &FieldInfo::key);
  if (mb == problem.layer->fields.end()) {
    return;
  }
  Problem one = problem;
  one.values[static_cast<std::size_t>(mb - problem.layer->fields.begin())] = 1;
  const CountedSums measured = one.values == problem.values ? sample.measured : measuring(one);
  for (const PaddingReading reading : readings) {
    sample.scopes[index(reading)]["one_sample_macs"] =
        exact_double("one_sample_macs", counts(measured, reading).macs);
  }
}

const std::vector<Expression>& predicates() {
  static const std::vector<Expression> compiled = [] {
    std::vector<Expression> expressions;
    for (const Condition& condition : conditions()) {
      expressions.emplace_back(condition.holds);
    }
    return expressions;
  }();
  return compiled;
}

/// With the axes that a layer of windows lacks, so that one condition is about one to three axes.
Scope with_all_axes(Scope scope) {
  if (scope.contains("pw")) {
    for (const std::string axis : {"d", "h"}) {
      for (const auto& [name, value] : {std::pair{"p" + axis, 0.0},
                                        {"p" + axis + "_r", 0.0},
                                        {"s" + axis, 1.0},
                                        {"d" + axis, 0.0}}) {
        scope.emplace(name, value);
      }
    }
  }
  return scope;
}

void check_conditions(Sample& sample) {
  for (const PaddingReading reading : readings) {
    const Scope scope = with_all_axes(sample.scopes[index(reading)]);
    for (const Expression& predicate : predicates()) {
      sample.met[index(reading)].push_back(!predicate.known_in(scope)       ? Met::unknown
                                           : predicate.evaluate(scope) != 0 ? Met::yes
                                                                            : Met::no);
    }
  }
}

Sample make_sample(std::string shape, CountedSums measured, const Scope& scope) {
  Sample sample{std::move(shape), std::move(measured), {scope, scope}, {}};
  for (const PaddingReading reading : readings) {
    add_measured(sample.scopes[index(reading)], sample.measured, reading);
  }
  return sample;
}

void sort_by_size(std::vector<Sample>& samples) {
  std::ranges::sort(samples, {}, [](const Sample& sample) {
    return std::tuple(sample.measured.dense.macs, sample.shape.size(), sample.shape);
  });
}

/// What a model's symbols are drawn from: the range of the field they stand for.
struct Range {
  std::int64_t low = 1;
  std::int64_t high = largest_symbol;
};

std::map<std::string, Range> symbol_ranges(const Model& model) {
  std::map<std::string, Range> ranges;
  for (const auto& [layer, shape] : model) {
    for (const Placeholder& placeholder : shape.placeholders()) {
      Range& range = ranges[placeholder.symbol];
      const auto field = std::ranges::find(layer->fields, placeholder.key, &FieldInfo::key);
      if (field != layer->fields.end()) {
        range = {field->fuzz_low, std::min(range.high, field->fuzz_high)};
      }
    }
  }
  return ranges;
}

std::string describe_symbols(const Scope& symbols) {
  std::string text;
  for (const auto& [name, value] : symbols) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  return text;
}

}  // namespace

Network instantiate(const Model& model, const Scope& symbols) {
  std::vector<Listed> listed;
  for (const auto& [layer, shape] : model) {
    listed.push_back({parse_problem(*layer, shape.fill(symbols))});
  }
  return listed_network("model", listed);
}

Scope shape_scope(const Problem& problem) {
  Scope scope;
  for (std::size_t i = 0; i < problem.values.size(); ++i) {
    const std::string_view key = problem.layer->fields[i].key;
    scope.emplace(key, exact_double(key, problem.values[i]));
  }
  for (const Variable& variable : problem.layer->variables(problem.values)) {
    scope.emplace(variable.name, exact_double(variable.name, variable.value));
  }
  return scope;
}

void add_measured(Scope& scope, const CountedSums& measured, PaddingReading reading) {
  const OpCounts& done = counts(measured, reading);
  for (const OpKind& kind : op_kinds) {
    scope.emplace(kind.name, exact_double(kind.name, done.*kind.count));
  }
  scope["flops"] = exact_double("flops", find_convention("exact").reduce(done));
  scope["params"] = exact_double("params", measured.parameters);
  if (!measured.output.empty()) {
    scope["outputs"] = exact_double("outputs", elements({"dst", measured.output, Role::output}));
  }
}

std::vector<Sample> sweep_layer(const AnyLayer& layer, const Measuring& measuring) {
  std::vector<Sample> samples;
  for (const Values& values : sweep_shapes(layer)) {
    const Problem problem{&layer, values, ""};
    Sample sample = make_sample(problem.shape(), measuring(problem), shape_scope(problem));
    add_one_sample(sample, problem, measuring);
    for (Scope& scope : sample.scopes) {
      scope["forward_macs"] = scope["macs"];
    }
    check_conditions(sample);
    samples.push_back(std::move(sample));
  }
  sort_by_size(samples);
  return samples;
}

std::vector<Sample> sweep_model(const Model& model) {
  std::mt19937_64 random(model_samples);
  const std::map<std::string, Range> ranges = symbol_ranges(model);
  std::set<Scope> seen;
  std::vector<Sample> samples;
  std::string refused;
  for (int attempt = 0; attempt < 20'000 && samples.size() < model_samples; ++attempt) {
    Scope symbols;
    for (const auto& [name, range] : ranges) {
      // One of four at its least, where conditions such as "mb = 1" are.
      const bool least = draw(random, 0, 3) == 0;
      symbols[name] = static_cast<double>(least ? range.low : draw(random, range.low, range.high));
    }
    try {
      const Network network = instantiate(model, symbols);
      if (seen.insert(symbols).second) {
        samples.push_back(make_sample(describe_symbols(symbols), measure(network), symbols));
        check_conditions(samples.back());
      }
    } catch (const BadInput& error) {
      refused = error.what();  // these numbers make no legal shape: draw others
    }
  }
  if (samples.empty()) {
    throw BadInput(refused);
  }
  sort_by_size(samples);
  return samples;
}

const std::vector<Sample>& Sweeps::of(const AnyLayer& layer, bool training) {
  const std::pair key(layer.name, training);
  const auto found = done_.find(key);
  if (found != done_.end()) {
    return found->second;
  }
  const Measuring forward = [](const Problem& problem) { return measure(problem); };
  return done_.emplace(key, sweep_layer(layer, training ? measure_training : forward))
      .first->second;
}

}  // namespace flopmeter::claims
