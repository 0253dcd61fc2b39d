#include "validate/executed/effects.h"

#include <algorithm>

#include "kernels/library_version.h"
#include "validate/executed/expectation.h"

namespace flopmeter {
namespace {

// A library's own arithmetic on the way to its kernel is in f64 (oneDNN's hash tables of arguments
// compute their load factors); kernels have none, whatever their dtype.
executed::Totals without_f64(const executed::Totals& totals) {
  executed::Totals rest;
  totals.for_each([&](executed::Arithmetic arithmetic, const executed::Cell& cell) {
    if (arithmetic.element != executed::Element::f64) {
      rest.add(arithmetic, cell.instructions, cell.active, cell.full);
    }
  });
  return rest;
}

/// The numbers in the widest register that was computed with.
int widest_lanes(const executed::Totals& totals) {
  int lanes = 1;
  totals.for_each([&](executed::Arithmetic arithmetic, const executed::Cell&) {
    if (arithmetic.element == executed::Element::f32) {
      lanes = std::max<int>(lanes, arithmetic.lanes);
    }
  });
  return lanes;
}

// Without FMA instructions products and their sums are separate; the products are the MACs.
std::int64_t executed_count(const OpCounts& counts, Quantity quantity) {
  return quantity == Quantity::macs && counts.macs == 0 ? counts.multiplies
                                                        : count_of(counts, quantity);
}

std::string_view word_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::macs:
      return "macs";
    case Quantity::products:
      return "products";
    case Quantity::operations:
      break;
  }
  return "operations";
}

std::vector<Factor> factors_of(const Expectation& expectation) {
  std::vector<Factor> factors;
  std::int64_t before = expectation.dense;
  for (const Entered& entry : expectation.entries) {
    factors.push_back({entry.effect, entry.effect + (entry.text.empty() ? "" : " " + entry.text),
                       entry.count, before});
    before = entry.count;
  }
  return factors;
}

Explanation explain_as(Quantity quantity, const Expected& of, const OpCounts& counts) {
  const Expectation expected = expected_count(of, quantity);
  Explanation explanation{.quantity = word_of(quantity),
                          .formula = expected.dense,
                          .executed = executed_count(counts, quantity),
                          .factors = factors_of(expected)};
  explanation.unexplained = explanation.executed - expected.count();
  return explanation;
}

}  // namespace

Explanation explain(const Case& subject, const Executed& executed, std::span<const After> after) {
  const executed::Totals totals = without_f64(executed.totals);
  const OpCounts counts = executed::op_counts(totals, executed::Lanes::active);
  const Expected of{subject, executed.implementation, library_version(subject.backend),
                    widest_lanes(totals), after};
  if (subject.problem.formula(subject.pass).dense.macs == 0) {
    return explain_as(Quantity::operations, of, counts);
  }
  Explanation fused = explain_as(Quantity::macs, of, counts);
  if (fused.exact()) return fused;
  const bool separate = counts.macs > 0 && counts.multiplies > counts.macs;
  Explanation products = explain_as(Quantity::products, of, counts);
  return (fused.unexplained < 0 && separate) || products.exact() ? products : fused;
}

}  // namespace flopmeter
