#include "validate/claims/measurement.h"

#include <algorithm>

#include "kernels/network/listing.h"

namespace flopmeter::claims {
namespace {

OpCounts count_reference(const Problem& problem, Pass pass) {
  Tensors<Counted<double>> tensors(problem.operands(pass));
  return count_operations([&] { problem.layer->reference(problem.values, pass, tensors); });
}

void add(CountedSums& sum, const CountedSums& other) {
  sum.in_bounds = sum.in_bounds + other.in_bounds;
  sum.dense = sum.dense + other.dense;
  sum.parameters = checked_add(sum.parameters, other.parameters);
  std::ranges::transform(sum.bytes, other.bytes, sum.bytes.begin(), checked_add);
  sum.output.clear();
  sum.ran = sum.ran && other.ran;
}

std::array<std::int64_t, all_dtypes.size()> bytes_of(const Problem& problem, Pass pass) {
  std::array<std::int64_t, all_dtypes.size()> bytes{};
  std::ranges::transform(all_dtypes, bytes.begin(),
                         [&](Dtype dtype) { return compulsory_bytes(problem, pass, dtype); });
  return bytes;
}

CountedSums from_formula(const Problem& problem, Pass pass = Pass::forward) {
  const Formula formula = problem.formula(pass);
  return {.in_bounds = formula.in_bounds,
          .dense = formula.dense,
          .backward = {},
          .parameters = formula.parameters,
          .bytes = bytes_of(problem, pass),
          .output = {},
          .ran = false};
}

std::vector<std::int64_t> output_dims(const std::vector<Operand>& operands) {
  const auto output = std::ranges::find(operands, Role::output, &Operand::role);
  return output == operands.end() ? std::vector<std::int64_t>{} : output->dims;
}

template <class One>
CountedSums total(const Network& network, One one) {
  CountedSums sum = one(problem_of(network.nodes().front()));
  for (const Node& node : network.nodes().subspan(1)) {
    add(sum, one(problem_of(node)));
  }
  return sum;
}

CountedSums measure_pass(const Problem& problem, Pass pass) {
  CountedSums measured = from_formula(problem, pass);
  if (measured.dense.macs > most_macs) {
    return measured;
  }
  measured.ran = true;
  measured.in_bounds = count_reference(problem, pass);
  const Problem padded{problem.layer, problem.layer->padded_out(problem.values), ""};
  measured.dense =
      padded.values == problem.values ? measured.in_bounds : count_reference(padded, pass);
  return measured;
}

}  // namespace

CountedSums measure(const Problem& problem, std::span<const Pass> passes) {
  CountedSums measured = measure_pass(problem, passes.front());
  for (const Pass pass : passes.subspan(1)) {
    add(measured, measure_pass(problem, pass));
  }
  const std::vector<Operand> operands = problem.operands(Pass::forward);
  measured.parameters = parameter_elements(operands);  // the same ones in every pass
  measured.output = output_dims(operands);
  return measured;
}

CountedSums measure_training(const Problem& problem) {
  CountedSums measured = measure(problem);
  for (const Pass pass : problem.layer->passes) {
    if (pass != Pass::forward) {
      const CountedSums backward = measure_pass(problem, pass);
      measured.backward[0] = measured.backward[0] + backward.in_bounds;
      measured.backward[1] = measured.backward[1] + backward.dense;
    }
  }
  return measured;
}

CountedSums measure(const Network& network) {
  return total(network, [](const Problem& problem) { return measure(problem); });
}

CountedSums closed_form(const Network& network) {
  return total(network, [](const Problem& problem) { return from_formula(problem); });
}

}  // namespace flopmeter::claims
