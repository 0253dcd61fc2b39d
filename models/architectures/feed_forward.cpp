// Norms, functions and feed-forward blocks of a transformer, with experts or without.
#include "models/architectures/pieces.h"

namespace flopmeter::models {

/// Without a shift the layer is its plain form, and a product where there is a scale.
void add_norm(NodeList& nodes, const Transformer& t, std::string_view name, std::int64_t rows,
              std::int64_t length) {
  if (t.norm == Norm::rms) {
    nodes.add(name, "rmsnorm", {{"mb", rows}, {"c", length}});
    nodes.parameters(length);
    return;
  }
  const bool whole = t.norm_bias && t.norm_scale;
  nodes.add(name, "layernorm", {{"mb", rows}, {"c", length}, {"affine", whole ? 1 : 0}});
  if (!whole && t.norm_scale) {
    nodes.add(fmt::format("{}.scale", name), "mul",
              fmt::format("{}x{}:1x{}", rows, length, length));
  }
  nodes.parameters(whole ? product(2, length) : t.norm_scale ? length : 0);
}

void add_unary(NodeList& nodes, std::string_view name, std::string_view layer, std::int64_t rows,
               std::int64_t columns) {
  nodes.add(name, layer, {{"mb", rows}, {"ic", columns}});
}

void add_sum(NodeList& nodes, std::string_view name, std::int64_t rows, std::int64_t columns) {
  nodes.add(name, "add", pair_text(rows, columns));
}

void add_feed_forward(NodeList& nodes, const Transformer& t, const std::string& prefix,
                      std::int64_t rows, std::int64_t size, bool bias, std::int64_t copies) {
  const std::int64_t weights = product(t.hidden, size);
  if (is_gated(t.activation)) {
    nodes.linear(prefix + "gate", rows, t.hidden, size, bias);
    nodes.parameters(product(copies - 1, checked_add(weights, bias ? size : 0)));
  }
  nodes.linear(prefix + "up", rows, t.hidden, size, bias);
  nodes.parameters(product(copies - 1, checked_add(weights, bias ? size : 0)));
  add_unary(nodes, prefix + "act", function_of(t.activation), rows, size);
  if (t.activation == Activation::relu_squared) {
    add_unary(nodes, prefix + "square", "square", rows, size);
  }
  if (is_gated(t.activation)) {
    nodes.add(prefix + "product", "mul", pair_text(rows, size));
  }
  nodes.linear(prefix + "down", rows, size, t.hidden, bias);
  nodes.parameters(product(copies - 1, checked_add(weights, bias ? t.hidden : 0)));
}

/// The router scores all experts; each token goes through the active ones, whose results are weighted
/// and summed.
void add_experts(NodeList& nodes, const Transformer& t, std::int64_t rows) {
  nodes.linear("router", rows, t.hidden, t.experts, t.router_bias);
  nodes.parameters(t.router_correction ? t.experts : 0);
  nodes.add("router.softmax", "softmax", {{"mb", rows}, {"c", t.experts}});
  const std::int64_t routed = product(rows, t.active_experts);
  add_feed_forward(nodes, t, "experts.", routed, t.expert_size, t.expert_bias, t.experts);
  nodes.add("experts.weighted", "mul", fmt::format("{}x{}:{}x1", routed, t.hidden, routed));
  if (t.active_experts > 1) {
    nodes.add("experts.sum", "add", pair_text(product(rows, t.active_experts - 1), t.hidden));
  }
  if (t.shared_size > 0) {
    add_feed_forward(nodes, t, "shared.", rows, t.shared_size, false, 1);
    if (t.shared_gate) {
      nodes.linear("shared.gate_of_all", rows, t.hidden, 1, false);
      add_unary(nodes, "shared.sigmoid", "sigmoid", rows, 1);
      nodes.add("shared.weighted", "mul", fmt::format("{}x{}:{}x1", rows, t.hidden, rows));
    }
    add_sum(nodes, "shared.sum", rows, t.hidden);
  }
}

}  // namespace flopmeter::models
