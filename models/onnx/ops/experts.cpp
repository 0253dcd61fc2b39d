// ONNX Runtime's mixtures of experts: every token goes through k of them, whichever they are. And look-ups in
// tables of few bits.
#include <algorithm>
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/product.h"
#include "models/onnx/ops/quantized.h"

namespace flopmeter::onnx {
namespace {

/// Where the weights of the three products stand, and their biases.
struct ExpertInputs {
  std::size_t weights, bias;
};

struct Mixture {
  std::int64_t rows = 0, hidden = 0, experts = 0, active = 0, inner = 0;
  bool halves = false;  // the first product makes the gate as well
  std::array<ExpertInputs, 3> at{};
};

/// How many numbers a stored one stands for.
std::int64_t per_element(const NodeView& n, std::size_t weights, std::string_view attribute) {
  const std::int64_t bits = n.integer(attribute, 4);
  return n.in(weights).elem == Elem::u8 && bits == 4 ? 2 : 1;
}

/// Rows of a matrix of one expert, whichever way it is stored: [experts, rows, hidden] or its transpose.
std::int64_t features_of(const NodeView& n, std::size_t weights, const Mixture& m) {
  const Sizes w = n.sizes(weights);
  if (w.size() != 3 || w[0] != m.experts) {
    bad_input("weights of {} dimensions for {} experts", w.size(), m.experts);
  }
  const std::int64_t packed =
      n.proto.op == "QMoE" ? per_element(n, weights, "expert_weight_bits") : 1;
  const std::int64_t all = checked_multiply(checked_multiply(w[1], w[2]), packed);
  if (m.hidden < 1 || all % m.hidden != 0) {
    bad_input("matrices of {} numbers for {} features", all, m.hidden);
  }
  return all / m.hidden;
}

Mixture mixture_of(const NodeView& n) {
  const Sizes x = n.sizes(0);
  const Sizes router = n.sizes(1);
  if (x.size() < 2 || router.size() != 2) {
    bad_input("its input has {} dimensions and its router {}", x.size(), router.size());
  }
  Mixture m;
  m.rows = product_of(x, 0, x.size() - 1);
  m.hidden = x.back();
  m.experts = router[1];
  m.active = n.integer("k", 1);
  m.at = n.proto.op == "QMoE" ? std::array<ExpertInputs, 3>{{{2, 4}, {5, 7}, {8, 10}}}
                              : std::array<ExpertInputs, 3>{{{2, 3}, {4, 5}, {6, 7}}};
  if (router[0] != m.rows || m.active < 1 || m.active > m.experts) {
    bad_input("{} of {} experts for {} of {} tokens", m.active, m.experts, router[0], m.rows);
  }
  m.inner = features_of(n, m.at[1].weights, m);
  const std::int64_t first = features_of(n, m.at[0].weights, m);
  m.halves = first == checked_multiply(2, m.inner);
  if (!m.halves && first != m.inner) {
    bad_input("experts of {} features behind the first product and {} before the last", first,
              m.inner);
  }
  return m;
}

void infer_mixture(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

/// Probabilities of all experts, the largest of them, and their shares.
void append_routing(const NodeView& n, const Mixture& m, Lowered& lowered) {
  lowered.layers.push_back({"softmax", {{"mb", m.rows}, {"c", m.experts}}, "router"});
  lowered.layers.push_back({"topk", {{"mb", m.rows}, {"n", m.experts}, {"m", m.active}}, "choice"});
  if (n.integer("normalize_routing_weights", 0) != 0 && m.active > 1) {
    const std::string one = fmt::format("{}x{}:{}x1", m.rows, m.active, m.rows);
    lowered.layers.push_back({"reduce_sum", {}, "shares_sum", 1, one});
    lowered.layers.push_back(binary_use("div", {m.rows, m.active}, {m.rows, 1}, "shares"));
  }
}

/// swiglu is g * sigma(alpha * g) * (u + beta), of both clipped halves.
void append_expert_activation(const NodeView& n, const Mixture& m, bool gate, Lowered& lowered) {
  struct Row {
    std::string_view name, layer;
  };
  static constexpr std::array rows{Row{"relu", "relu"}, Row{"gelu", "gelu_tanh"},
                                   Row{"silu", "silu"}, Row{"swiglu", "quick_gelu"}};
  const std::string_view name = n.text("activation_type", "relu");
  const std::int64_t count = checked_multiply(checked_multiply(m.rows, m.active), m.inner);
  const bool swiglu = name == "swiglu";
  if (swiglu && n.attribute("swiglu_limit") != nullptr) {
    lowered.layers.push_back(unary_use("clip", count, "clip_gate"));
    lowered.layers.push_back(unary_use("clip", count, "clip"));
  }
  if (const auto* const found = std::ranges::find(rows, name, &Row::name); found != rows.end()) {
    lowered.layers.push_back(unary_use(found->layer, count, "activation"));
  }
  if (swiglu && n.real("activation_beta", 0) != 0) {
    lowered.layers.push_back(binary_use("add", {count}, {1}, "beta"));
  }
  if (gate) {
    lowered.layers.push_back(binary_use("mul", {count}, {count}, "gate"));
  }
}

Lowered lower_mixture(const NodeView& n) {
  const Mixture m = mixture_of(n);
  const std::int64_t calls = checked_multiply(m.rows, m.active);
  Lowered lowered;
  append_routing(n, m, lowered);
  const auto append = [&](std::size_t which, std::int64_t in, std::int64_t out,
                          std::string_view label) {
    LayerUse use = linear_use(calls, in, out, n.has(m.at[which].bias));
    use.label = label;
    lowered.layers.push_back(std::move(use));
  };
  append(0, m.hidden, m.halves ? 2 * m.inner : m.inner, "fc1");
  const bool third = n.has(m.at[2].weights);
  if (third) {
    append(2, m.hidden, features_of(n, m.at[2].weights, m), "fc3");
  }
  append_expert_activation(n, m, m.halves || third, lowered);
  append(1, m.inner, m.hidden, "fc2");
  lowered.layers.push_back(binary_use("mul", {calls, m.hidden}, {calls, 1}, "weighted"));
  if (m.active > 1) {
    const std::int64_t sums = checked_multiply(m.rows, m.active - 1);
    lowered.layers.push_back(binary_use("add", {sums, m.hidden}, {sums, m.hidden}, "sum"));
  }
  if (n.proto.op == "QMoE") {
    lowered.reason =
        "its products are counted as those of plain weights: unpacking and scaling them is not";
  }
  return lowered;
}

/// Rows of a table whose numbers have 4 or 8 bits, in blocks with a scale each.
void infer_packed_gather(NodeView& n) {
  Dims table = n.dims(0);
  const std::size_t axis = n.axis(n.integer("gather_axis", 0), n.rank(0));
  const std::size_t packed = n.axis(n.integer("quantize_axis", 1), n.rank(0));
  table[packed] = table[packed] * per_element(n, 0, "bits");
  const Dims& at = n.dims(1);
  const auto here = table.begin() + static_cast<std::ptrdiff_t>(axis);
  Dims out(table.begin(), here);
  out.insert(out.end(), at.begin(), at.end());
  out.insert(out.end(), here + 1, table.end());
  n.set(0, n.in(2).elem, std::move(out));
}

Lowered lower_packed_gather(const NodeView& n) {
  const std::int64_t block = n.integer("block_size", 128);
  const std::int64_t count = n.output_count();
  if (block < 1 || count % block != 0) {
    return not_understood(fmt::format("{} numbers are no whole blocks of {}", count, block));
  }
  Lowered lowered;
  lowered.layers.push_back(quantize_use("dequantize", {count / block, block}, {count / block, 1},
                                        {count / block, 1}, ""));
  return lowered;
}

constexpr std::array expert_rows{
    Operator{microsoft, "MoE", infer_mixture, lower_mixture},
    Operator{microsoft, "QMoE", infer_mixture, lower_mixture},
    Operator{microsoft, "GatherBlockQuantized", infer_packed_gather, lower_packed_gather},
};

}  // namespace

std::span<const Operator> expert_operators() { return expert_rows; }

}  // namespace flopmeter::onnx
