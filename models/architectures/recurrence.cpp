#include "models/architectures/recurrence.h"

#include <algorithm>

#include "kernels/bad_input.h"
#include "models/architectures/pieces.h"

namespace flopmeter::models {
namespace {

void require_positive(std::int64_t size, std::string_view what) {
  if (size < 1 || size > (std::int64_t{1} << 40)) {
    bad_input("a {} of {}", what, size);
  }
}

/// Tokens that have a state before them: all, or all but the first.
std::int64_t continued(const Stack& s) {
  return s.past > 0 ? s.rows() : checked_multiply(s.batch, s.tokens - 1);
}

void add_convolution(NodeList& nodes, const Recurrence& r, const Stack& s, std::int64_t channels) {
  nodes.add("convolution", "causal_conv1d",
            {{"mb", s.batch},
             {"c", channels},
             {"l", s.tokens},
             {"k", r.taps},
             {"past", std::min(s.past, r.taps - 1)},
             {"bias", r.convolution_bias ? 1 : 0}});
  nodes.parameters(checked_add(product(channels, r.taps), r.convolution_bias ? channels : 0));
  add_unary(nodes, "convolution.silu", "silu", s.rows(), channels);
}

/// y = out(silu(z) * scan(silu(convolution(x)))), x and z of one product; B, C and the steps of another.
void add_selective(NodeList& nodes, const Recurrence& r, const Stack& s) {
  const std::int64_t rows = s.rows();
  nodes.linear("in", rows, s.t.hidden, product(2, r.inner), r.bias);
  add_convolution(nodes, r, s, r.inner);
  nodes.linear("x", rows, r.inner, checked_add(r.rank, product(2, r.states)), false);
  if (r.normed) {
    add_norm(nodes, s.t, "step.norm", rows, r.rank);
    add_norm(nodes, s.t, "b.norm", rows, r.states);
    add_norm(nodes, s.t, "c.norm", rows, r.states);
  }
  nodes.linear("step", rows, r.rank, r.inner, true);
  add_unary(nodes, "step.softplus", "softplus", rows, r.inner);
  nodes.add("scan", "selective_scan",
            {{"mb", s.batch},
             {"l", s.tokens},
             {"c", r.inner},
             {"n", r.states},
             {"past", s.past > 0 ? 1 : 0}});
  nodes.parameters(product(r.inner, checked_add(r.states, 1)));
  add_unary(nodes, "gate.silu", "silu", rows, r.inner);
  nodes.add("gate", "mul", pair_text(rows, r.inner));
  nodes.linear("out", rows, r.inner, s.t.hidden, r.bias);
}

/// Of each head h[t] = exp(step A) h[t-1] + step x B, y[t] = C h[t] + D x: the decay is one number a head.
void add_state_space_scan(NodeList& nodes, const Recurrence& r, const Stack& s) {
  const std::int64_t rows = s.rows();
  const std::int64_t live = continued(s);
  const std::int64_t all = product(rows, r.heads);
  const std::int64_t size = r.inner / r.heads;
  const std::int64_t grouped = product(rows, r.groups);
  const std::int64_t shared = r.inner / r.groups;
  nodes.add("scan.input", "mul", fmt::format("{}x{}:{}x1", all, size, all));
  nodes.add("scan.added", "mul",
            fmt::format("{}x{}x1:{}x1x{}", grouped, shared, grouped, r.states));
  if (live > 0) {
    const std::int64_t states = product(live, r.heads);
    nodes.add("scan.step", "mul", fmt::format("{}x{}:1x{}", live, r.heads, r.heads));
    add_unary(nodes, "scan.decay", "exp", live, r.heads);
    nodes.add("scan.decayed", "mul",
              fmt::format("{}x{}:{}x1", states, product(size, r.states), states));
    add_sum(nodes, "scan.state", states, product(size, r.states));
  }
  nodes.add("scan.output", "matmul",
            fmt::format("{}x{}x{}:{}x{}x1", grouped, shared, r.states, grouped, r.states));
  nodes.add("scan.skip", "mul", fmt::format("{}x{}x{}:1x{}x1", rows, r.heads, size, r.heads));
  add_sum(nodes, "scan.sum", all, size);
}

/// Mamba-2: z, x, B, C and steps of one product; a norm behind the gate.
void add_state_space(NodeList& nodes, const Recurrence& r, const Stack& s) {
  const std::int64_t rows = s.rows();
  const std::int64_t beside = product(2, product(r.groups, r.states));
  nodes.linear("in", rows, s.t.hidden, checked_add(product(2, r.inner), beside + r.heads), r.bias);
  add_convolution(nodes, r, s, checked_add(r.inner, beside));
  nodes.add("step.bias", "add", fmt::format("{}x{}:1x{}", rows, r.heads, r.heads));
  add_unary(nodes, "step.softplus", "softplus", rows, r.heads);
  add_state_space_scan(nodes, r, s);
  nodes.parameters(product(3, r.heads));  // the bias of steps, A and D
  add_unary(nodes, "gate.silu", "silu", rows, r.inner);
  nodes.add("gate", "mul", pair_text(rows, r.inner));
  add_norm(nodes, s.t, "gate.norm", rows, r.inner);
  nodes.linear("out", rows, r.inner, s.t.hidden, r.bias);
}

/// Of each head S' = exp(g) S[t-1], S[t] = S' + k (v - k S') beta, y[t] = q S[t].
void add_delta_scan(NodeList& nodes, const Recurrence& r, const Stack& s) {
  const std::int64_t rows = s.rows();
  const std::int64_t live = continued(s);
  const std::int64_t size = r.inner / r.heads;
  const std::int64_t all = product(rows, r.heads);
  if (live > 0) {
    const std::int64_t states = product(live, r.heads);
    add_unary(nodes, "scan.decay", "exp", live, r.heads);
    nodes.add("scan.decayed", "mul",
              fmt::format("{}x{}:{}x1", states, product(r.states, size), states));
    nodes.add("scan.read", "matmul",
              fmt::format("{}x1x{}:{}x{}x{}", states, r.states, states, r.states, size));
    nodes.add("scan.delta", "sub", pair_text(states, size));
  }
  nodes.add("scan.beta", "mul", fmt::format("{}x{}:{}x1", all, size, all));
  nodes.add("scan.added", "mul", fmt::format("{}x{}x1:{}x1x{}", all, r.states, all, size));
  if (live > 0) {
    add_sum(nodes, "scan.state", product(live, r.heads), product(r.states, size));
  }
  nodes.add("scan.output", "matmul",
            fmt::format("{}x1x{}:{}x{}x{}", all, r.states, all, r.states, size));
}

/// Gated DeltaNet: queries and keys of length 1, values, a gate, the strength and decay of what is written.
void add_delta_rule(NodeList& nodes, const Recurrence& r, const Stack& s) {
  const std::int64_t rows = s.rows();
  const std::int64_t keys = product(r.groups, r.states);
  const std::int64_t heads = product(rows, r.groups);
  nodes.linear("in", rows, s.t.hidden, product(2, checked_add(keys, r.inner)), false);
  nodes.linear("strength", rows, s.t.hidden, product(2, r.heads), false);
  add_convolution(nodes, r, s, checked_add(product(2, keys), r.inner));
  add_unary(nodes, "beta.sigmoid", "sigmoid", rows, r.heads);
  nodes.add("step.bias", "add", fmt::format("{}x{}:1x{}", rows, r.heads, r.heads));
  add_unary(nodes, "step.softplus", "softplus", rows, r.heads);
  nodes.add("step", "mul", fmt::format("{}x{}:1x{}", rows, r.heads, r.heads));
  nodes.parameters(product(2, r.heads));  // the bias of steps and A
  for (const char* name : {"q", "k"}) {
    nodes.add(fmt::format("{}.length", name), "reduce_l2",
              fmt::format("{}x{}:{}x1", heads, r.states, heads));
    nodes.add(fmt::format("{}.unit", name), "div",
              fmt::format("{}x{}:{}x1", heads, r.states, heads));
  }
  nodes.add("q.scale", "mul", fmt::format("{}x{}:1x1", heads, r.states));
  add_delta_scan(nodes, r, s);
  const std::int64_t size = r.inner / r.heads;
  nodes.add("norm", "rmsnorm", {{"mb", product(rows, r.heads)}, {"c", size}});
  nodes.parameters(size);
  add_unary(nodes, "gate.silu", "silu", rows, r.inner);
  nodes.add("gate", "mul", pair_text(rows, r.inner));
  nodes.linear("out", rows, r.inner, s.t.hidden, false);
}

}  // namespace

void check_recurrence(const Recurrence& r) {
  require_positive(r.inner, "size of a block");
  require_positive(r.states, "number of states");
  require_positive(r.taps, "number of taps");
  require_positive(r.heads, "number of heads of the state");
  require_positive(r.groups, "number of groups of the state");
  if (r.kind == RecurrenceKind::selective) {
    require_positive(r.rank, "rank of the steps' projection");
  }
  if (r.inner % r.heads != 0 || r.heads % r.groups != 0) {
    bad_input("{} features cannot be divided into {} heads of {} groups", r.inner, r.heads,
              r.groups);
  }
}

void add_recurrence(NodeList& nodes, const Recurrence& r, const Stack& s) {
  switch (r.kind) {
    case RecurrenceKind::selective:
      return add_selective(nodes, r, s);
    case RecurrenceKind::state_space:
      return add_state_space(nodes, r, s);
    case RecurrenceKind::delta_rule:
      return add_delta_rule(nodes, r, s);
  }
}

}  // namespace flopmeter::models
