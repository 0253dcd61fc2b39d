#include "validate/executed/after_formula.h"

#include <algorithm>

#include "kernels/network/after_component.h"

namespace flopmeter {

std::int64_t results_of(const Case& subject) {
  const std::vector<Operand> operands = subject.problem.operands(subject.pass);
  const auto result = std::ranges::find(operands, Role::output, &Operand::role);
  return result == operands.end() ? 0 : elements(*result);
}

OpCounts formula_of_after(const Case& subject, std::span<const After> after) {
  OpCounts sum;
  for (const After& one : after) {
    if (const auto component = component_of_after(one.layer, results_of(subject))) {
      sum = sum + component->layer->formula(component->values, Pass::forward).in_bounds;
    } else if (one.layer == "add") {
      sum.adds = checked_add(sum.adds, results_of(subject));
    } else if (one.layer == "scale") {
      sum.multiplies = checked_add(sum.multiplies, results_of(subject));
    } else if (one.layer == "clip") {
      sum.comparisons = checked_add(sum.comparisons, checked_multiply(2, results_of(subject)));
    }
  }
  return sum;
}

}  // namespace flopmeter
