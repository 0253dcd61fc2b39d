#include "models/architectures/mamba.h"

#include <algorithm>

#include "kernels/bad_input.h"
#include "models/architectures/pieces.h"

namespace flopmeter::models {
namespace {

void require_size(std::int64_t size, std::string_view what) {
  if (size < 1 || size > (std::int64_t{1} << 40)) {
    bad_input("a {} of {}", what, size);
  }
}

/// y = out(silu(z) * scan(silu(convolution(x)))), x and z of one product; B, C and the steps of another.
void add_mamba_block(NodeList& nodes, const Mamba& m, const Transformer& norms,
                     const Phase& phase) {
  const std::int64_t rows = product(phase.batch, phase.tokens);
  const bool past = phase.past > 0;
  add_norm(nodes, norms, "norm", rows, m.hidden);
  nodes.linear("in", rows, m.hidden, product(2, m.inner), m.bias);
  nodes.add("convolution", "causal_conv1d",
            {{"mb", phase.batch},
             {"c", m.inner},
             {"l", phase.tokens},
             {"k", m.taps},
             {"past", past ? std::min(phase.past, m.taps - 1) : 0},
             {"bias", m.convolution_bias ? 1 : 0}});
  nodes.parameters(checked_add(product(m.inner, m.taps), m.convolution_bias ? m.inner : 0));
  add_unary(nodes, "convolution.silu", "silu", rows, m.inner);
  nodes.linear("x", rows, m.inner, checked_add(m.rank, product(2, m.states)), false);
  nodes.linear("step", rows, m.rank, m.inner, true);
  add_unary(nodes, "step.softplus", "softplus", rows, m.inner);
  nodes.add("scan", "selective_scan",
            {{"mb", phase.batch},
             {"l", phase.tokens},
             {"c", m.inner},
             {"n", m.states},
             {"past", past ? 1 : 0}});
  nodes.parameters(product(m.inner, checked_add(m.states, 1)));
  add_unary(nodes, "gate.silu", "silu", rows, m.inner);
  nodes.add("gate", "mul", pair_text(rows, m.inner));
  nodes.linear("out", rows, m.inner, m.hidden, m.bias);
  add_sum(nodes, "residual", rows, m.hidden);
}

}  // namespace

Model mamba_model(const Mamba& m, const Phase& phase) {
  require_size(m.hidden, "hidden size");
  require_size(m.layers, "number of layers");
  require_size(m.vocabulary, "vocabulary");
  require_size(m.inner, "size of a block");
  require_size(m.states, "number of states");
  require_size(m.taps, "number of taps");
  require_size(m.rank, "rank of the steps' projection");
  if (m.layers > 10'000) {
    bad_input("{} layers: more than any model has", m.layers);
  }
  const Transformer norms;
  const std::int64_t rows = product(phase.batch, phase.tokens);
  NodeList nodes;
  nodes.add("embedding", "embedding", {{"mb", rows}, {"vocab", m.vocabulary}, {"dim", m.hidden}});
  nodes.parameters(product(m.vocabulary, m.hidden));
  for (std::int64_t i = 0; i < m.layers; ++i) {
    nodes.enter(fmt::format("layers.{}", i));
    add_mamba_block(nodes, m, norms, phase);
  }
  nodes.enter("");
  add_norm(nodes, norms, "norm", rows, m.hidden);
  nodes.linear("output", rows, m.hidden, m.vocabulary, false);
  nodes.parameters(m.tied ? -product(m.vocabulary, m.hidden) : 0);
  Model model = std::move(nodes).finish();
  model.remarks.emplace_back(
      "-exp(A), which is the same in every run, is not counted: a program may make it once");
  model.activation_remark = "not known: a configuration has no order of tensors";
  return model;
}

Phase mamba_phase(const ModelOptions& options) { return phase_of(options, Transformer{}); }

}  // namespace flopmeter::models
