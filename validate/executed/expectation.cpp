#include "validate/executed/expectation.h"

#include <algorithm>
#include <optional>

#include "validate/claims/sweep.h"
#include "validate/executed/after_formula.h"

namespace flopmeter {
namespace {

Scope scope_of(const Problem& problem, const Formula& formula, const Expected& of,
               Quantity quantity) {
  Scope scope = claims::shape_scope(problem);
  // What a layer does not have: axes of one point, a projection to no features.
  for (const char* axis : {"id", "ih", "od", "oh", "kd", "kh"}) scope.emplace(axis, 1);
  scope.emplace("dic", 0);
  scope["W"] = of.lanes;
  const auto in_a_lane = size_of(Dtype::f32) / size_of(of.subject.dtype);
  scope["D"] = static_cast<double>(in_a_lane);
  scope["dense"] = exact_double("dense", count_of(formula.dense, quantity));
  scope["in_bounds"] = exact_double("in_bounds", count_of(formula.in_bounds, quantity));
  // Of what is done to the result: its elements, and those of a row, which is what vectors go along.
  const std::int64_t results = results_of(of.subject);
  scope["results"] = exact_double("results", results);
  scope["columns"] = scope.contains("oc")  ? scope.at("oc")
                     : scope.contains("n") ? scope.at("n")
                                           : scope.at("results");
  return scope;
}

}  // namespace

std::int64_t count_of(const OpCounts& c, Quantity quantity) {
  if (quantity == Quantity::macs) return c.macs;
  if (quantity == Quantity::products) return c.multiplies;
  std::int64_t sum = 0;
  for (const std::int64_t part : {c.multiplies, c.adds, c.divides, c.square_roots, c.exponentials,
                                  c.logarithms, c.tanhs, c.erfs, c.comparisons}) {
    sum = checked_add(sum, part);
  }
  return sum;
}

namespace {

/// What the backend's algorithm comes to where it says so; else the dense formula.
std::int64_t stated_count(const Component& part, std::string_view backend, Quantity quantity) {
  const AnyBackend& row = part.layer->backend(backend);
  const bool says = part.pass == Pass::forward && row.stated != nullptr;
  return count_of(
      says ? row.stated(part.values, part.pass) : part.layer->formula(part.values, part.pass).dense,
      quantity);
}

/// A layer of its own, and its count so far.
class Walker {
 public:
  Walker(const Component& part, const Expected& of, Quantity quantity)
      : part_(part), of_(of), quantity_(quantity) {
    const Problem problem{part.layer, part.values, ""};
    const Formula formula = problem.formula(part.pass);
    count_ = count_of(formula.dense, quantity);
    scope_ = scope_of(problem, formula, of, quantity);
    scope_["stated"] = exact_double("stated", stated_count(part, of.subject.backend, quantity));
  }

  std::int64_t count() const { return count_; }

  /// The effect's text when it changes the count: of a row about what is done to the result, once for each such
  /// function.
  std::optional<std::string> step(const EffectRow& row) {
    if (row.after.empty()) {
      return apply(row);
    }
    std::optional<std::string> text;
    for (const After& after : of_.after) {
      if (std::ranges::find(row.after, after.layer) != row.after.end()) {
        text = apply(row);
      }
    }
    return text;
  }

 private:
  std::optional<std::string> apply(const EffectRow& row) {
    if (!row.concerns(of_.subject.backend, of_.version, part_.layer->name, part_.pass,
                      of_.implementation))
      return {};
    scope_["before"] = exact_double("before", count_);
    const std::int64_t with = row.effect.apply(quantity_, scope_);
    if (with == count_) return {};
    count_ = with;
    return row.effect.text(scope_);
  }

  Component part_;
  const Expected& of_;
  Quantity quantity_;
  std::int64_t count_ = 0;
  Scope scope_;
};

void add_leaves(const Component& part, std::vector<Component>& leaves) {
  if (!part.layer->components) {
    leaves.push_back(part);
    return;
  }
  for (const Component& inner : part.layer->components(part.values, part.pass))
    add_leaves(inner, leaves);
}

std::int64_t sum_of(const std::vector<Walker>& walkers) {
  std::int64_t sum = 0;
  for (const Walker& walker : walkers) sum = checked_add(sum, walker.count());
  return sum;
}

// Several parts may have an effect with texts of their own: the first stands for them.
void enter(Expectation& expectation, const EffectRow& row, const std::optional<std::string>& text,
           std::int64_t count) {
  if (count == expectation.count()) return;
  auto& entries = expectation.entries;
  if (!entries.empty() && entries.back().effect == row.effect.name())
    entries.back().count = count;
  else
    entries.push_back({row.effect.name(), text.value_or(""), count});
}

}  // namespace

Expectation expected_count(const Expected& of, Quantity quantity) {
  std::vector<Component> leaves;
  add_leaves({of.subject.problem.layer, of.subject.problem.values, of.subject.pass}, leaves);
  std::vector<Walker> walkers;
  for (const Component& leaf : leaves) {
    walkers.emplace_back(leaf, of, quantity);
  }
  Expectation expectation{sum_of(walkers), {}};
  for (const EffectRow& row : effect_table()) {
    std::optional<std::string> text;
    for (Walker& walker : walkers) {
      const auto said = walker.step(row);
      if (!text) {
        text = said;
      }
    }
    enter(expectation, row, leaves.size() > 1 ? std::nullopt : text, sum_of(walkers));
  }
  return expectation;
}

}  // namespace flopmeter
