#include "models/architectures/mamba.h"

#include "kernels/bad_input.h"
#include "models/architectures/pieces.h"

namespace flopmeter::models {
namespace {

void require_size(std::int64_t size, std::string_view what) {
  if (size < 1 || size > (std::int64_t{1} << 40)) {
    bad_input("a {} of {}", what, size);
  }
}

}  // namespace

Model mamba_model(const Mamba& m, const Phase& phase) {
  require_size(m.hidden, "hidden size");
  require_size(m.layers, "number of layers");
  require_size(m.vocabulary, "vocabulary");
  check_recurrence(m.block);
  if (m.layers > 10'000) {
    bad_input("{} layers: more than any model has", m.layers);
  }
  Transformer sizes;
  sizes.hidden = m.hidden;
  const Stack stack{sizes, phase.batch, phase.tokens, phase.past, true};
  const std::int64_t rows = stack.rows();
  NodeList nodes;
  nodes.add("embedding", "embedding", {{"mb", rows}, {"vocab", m.vocabulary}, {"dim", m.hidden}});
  nodes.parameters(product(m.vocabulary, m.hidden));
  for (std::int64_t i = 0; i < m.layers; ++i) {
    nodes.enter(fmt::format("layers.{}", i));
    add_norm(nodes, sizes, "norm", rows, m.hidden);
    add_recurrence(nodes, m.block, stack);
    add_sum(nodes, "residual", rows, m.hidden);
  }
  nodes.enter("");
  add_norm(nodes, sizes, "norm", rows, m.hidden);
  nodes.linear("output", rows, m.hidden, m.vocabulary, false);
  nodes.parameters(m.tied ? -product(m.vocabulary, m.hidden) : 0);
  Model model = std::move(nodes).finish();
  model.remarks.emplace_back(recurrence_remark);
  model.activation_remark = "not known: a configuration has no order of tensors";
  return model;
}

Phase mamba_phase(const ModelOptions& options) { return phase_of(options, Transformer{}); }

}  // namespace flopmeter::models
