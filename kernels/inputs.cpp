#include "kernels/inputs.h"

#include <algorithm>
#include <cmath>

namespace flopmeter {
namespace {

/// Whether the pass reads what the earlier one writes.
bool reads_results(const Problem& problem, Pass pass, Pass earlier) {
  const std::vector<Operand> operands = problem.operands(pass);
  return std::ranges::any_of(problem.operands(earlier), [&](const Operand& operand) {
    const auto same = std::ranges::find(operands, operand.name, &Operand::name);
    return written(operand.role) && same != operands.end() && !written(same->role);
  });
}

float with_8_bits(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return static_cast<float>(std::ldexp(std::nearbyint(fraction * 256) / 256, exponent));
}

/// Takes what is read over from tensors of the same name.
template <class T>
void take_inputs(Tensors<double>& to, Tensors<T>& from) {
  for (auto& entry : to.entries()) {
    const auto* given = from.find(entry.name);
    if (given != nullptr && !written(entry.role)) {
      std::ranges::copy(given->data, entry.data.begin());
    }
  }
}

/// Takes results over. Saved ones, which no backend reads, stay exact.
void take_results(Tensors<float>& to, const Tensors<double>& from) {
  for (const auto& entry : from.entries()) {
    auto* taken = to.find(entry.name);
    if (taken != nullptr && written(entry.role) && !written(taken->role)) {
      const bool exact = entry.role == Role::saved || entry.domain.kind == Domain::Kind::index;
      std::ranges::transform(entry.data, taken->data.begin(), [&](double value) {
        return exact ? static_cast<float>(value) : with_8_bits(value);
      });
    }
  }
}

/// What the passes before leave for this one, from the inputs of the same name.
void run_earlier_passes(const Problem& problem, Pass pass, Tensors<float>& tensors,
                        std::uint64_t seed) {
  Tensors<float> drawn(problem.operands(Pass::forward));
  fill(drawn, seed);
  Tensors<double> forward(drawn);
  take_inputs(forward, tensors);
  problem.layer->reference(problem.values, Pass::forward, forward);
  take_results(tensors, forward);
  if (pass == Pass::backward_weights && problem.layer->has(Pass::backward_data) &&
      reads_results(problem, pass, Pass::backward_data)) {
    Tensors<double> backward(problem.operands(Pass::backward_data));
    take_inputs(backward, forward);
    take_inputs(backward, tensors);
    problem.layer->reference(problem.values, Pass::backward_data, backward);
    take_results(tensors, backward);
  }
}

}  // namespace

Tensors<float> make_inputs(const Problem& problem, Pass pass, Dtype dtype, std::uint64_t seed) {
  Tensors<float> tensors(problem.operands(pass));
  if (dtype == Dtype::s8) {
    fill_quantized(tensors, seed);
    return tensors;
  }
  fill(tensors, seed);
  if (pass != Pass::forward && reads_results(problem, pass, Pass::forward)) {
    run_earlier_passes(problem, pass, tensors, seed);
  }
  return tensors;
}

bool same_inputs(Dtype a, Dtype b) { return (a == Dtype::s8) == (b == Dtype::s8); }

const Tensors<float>& Inputs::of(Dtype dtype) {
  std::optional<Tensors<float>>& made = same_inputs(dtype, Dtype::s8) ? quantized_ : real_;
  if (!made) {
    made.emplace(make_inputs(problem_, pass_, dtype, seed_));
  }
  return *made;
}

}  // namespace flopmeter
