#include "validate/measurement.h"

#include <algorithm>

namespace flopmeter::claims {
namespace {

OpCounts count_reference(const Problem& problem) {
  Tensors<Counted<double>> tensors(problem.operands(Pass::forward));
  return count_operations(
      [&] { problem.layer->counted_reference(problem.values, Pass::forward, tensors); });
}

void add(Measurement& sum, const Measurement& other) {
  sum.in_bounds = sum.in_bounds + other.in_bounds;
  sum.dense = sum.dense + other.dense;
  sum.parameters = checked_add(sum.parameters, other.parameters);
  sum.output.clear();
  sum.ran = sum.ran && other.ran;
}

Measurement from_formula(const Problem& problem) {
  const Formula formula = problem.formula(Pass::forward);
  return {formula.in_bounds, formula.dense, formula.parameters, {}, false};
}

std::vector<std::int64_t> output_dims(const std::vector<Operand>& operands) {
  const auto output = std::ranges::find(operands, Role::output, &Operand::role);
  return output == operands.end() ? std::vector<std::int64_t>{} : output->dims;
}

template <class One>
Measurement total(std::span<const Problem> problems, One one) {
  Measurement sum = one(problems.front());
  for (const Problem& problem : problems.subspan(1)) {
    add(sum, one(problem));
  }
  return sum;
}

}  // namespace

Measurement measure(const Problem& problem) {
  Measurement measured = from_formula(problem);
  measured.parameters = parameter_elements(problem.operands(Pass::forward));
  measured.output = output_dims(problem.operands(Pass::forward));
  if (measured.dense.macs > most_macs) {
    return measured;
  }
  measured.ran = true;
  measured.in_bounds = count_reference(problem);
  const Problem padded{problem.layer, problem.layer->padded_out(problem.values), ""};
  measured.dense = padded.values == problem.values ? measured.in_bounds : count_reference(padded);
  return measured;
}

Measurement measure(std::span<const Problem> problems) {
  return total(problems, [](const Problem& problem) { return measure(problem); });
}

Measurement closed_form(std::span<const Problem> problems) { return total(problems, from_formula); }

}  // namespace flopmeter::claims
