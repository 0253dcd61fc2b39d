#include "validate/executed/after_formula.h"

#include <algorithm>

namespace flopmeter {

std::int64_t results_of(const Case& subject) {
  const std::vector<Operand> operands = subject.problem.operands(subject.pass);
  const auto result = std::ranges::find(operands, Role::output, &Operand::role);
  return result == operands.end() ? 0 : elements(*result);
}

std::optional<Component> component_of(const Case& subject, const After& after) {
  const auto found = std::ranges::find(layers(), after.layer, &AnyLayer::name);
  const bool function = found != layers().end() && !found->fields.empty() &&
                        found->fields.front().key == "mb" && after.layer != "add";
  if (!function) {
    return std::nullopt;
  }
  Values values;
  for (const FieldInfo& field : found->fields) {
    values.push_back(field.key == "ic"   ? results_of(subject)
                     : field.key == "mb" ? 1
                                         : field.otherwise);
  }
  return Component{&*found, found->complete(values)};
}

OpCounts formula_of_after(const Case& subject, std::span<const After> after) {
  OpCounts sum;
  for (const After& one : after) {
    if (const auto component = component_of(subject, one)) {
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
