#include "validate/executed/effects.h"

#include "counters/convention.h"

namespace flopmeter {

Explanation explain(const Case& subject, const Executed& executed) {
  const OpCounts& formula = subject.problem.formula(subject.pass).dense;
  const bool has_macs = formula.macs != 0;
  const Convention& convention = find_convention(has_macs ? "mac" : "exact");
  Explanation explanation{.quantity = has_macs ? "macs" : "flops",
                          .formula = convention.reduce(formula),
                          .executed = convention.reduce(executed.active)};
  explanation.unexplained = explanation.executed - explanation.formula;
  return explanation;
}

}  // namespace flopmeter
