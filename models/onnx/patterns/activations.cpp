// GELU, SiLU, hard-swish, mish out of their primitives.
#include <cmath>

#include "models/model.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/patterns/matcher.h"

namespace flopmeter::onnx {
namespace {

bool near(std::optional<double> value, double wanted) {
  return value && std::abs(*value - wanted) <= 2e-3 * std::abs(wanted);
}

Lowered activation(const Matcher& m, int node, std::string_view layer) {
  Lowered lowered;
  const Tensor& out = m.tensor(m.output(node));
  lowered.layers.push_back(unary_use(layer, elements_of(*out.dims).value()));
  return lowered;
}

bool sized(const Matcher& m, int node) {
  const int out = node == nobody ? nobody : m.output(node);
  return out != nobody && m.tensor(out).dims && all_known(*m.tensor(out).dims) &&
         !elements_of(*m.tensor(out).dims).is(0);
}

/// From f(x) + 1: its products with x and 1/2, in any order. Gives the last node, and what lies before
/// it.
int half_product(const Matcher& m, int sum, int x, std::vector<int>& inner) {
  const int first = m.reader(sum);
  if (!m.is(first, "Mul")) {
    return nobody;
  }
  const int factor = m.other_input(first, m.output(sum));
  if (const int half = m.writer(factor, "Mul");
      half != nobody && near(m.scalar(m.other_input(half, x)), 0.5)) {
    inner.push_back(half);
    return first;
  }
  const int second = m.reader(first);
  if (!m.is(second, "Mul")) {
    return nobody;
  }
  inner.push_back(first);
  const int last_factor = m.other_input(second, m.output(first));
  const bool x_first =
      m.behind_views(factor) == m.behind_views(x) && near(m.scalar(last_factor), 0.5);
  const bool half_first = near(m.scalar(factor), 0.5) && last_factor == x;
  return x_first || half_first ? second : nobody;
}

int plus_one(const Matcher& m, int node) {
  const int sum = m.reader(node);
  return m.is(sum, "Add") && near(m.scalar(m.other_input(sum, m.output(node))), 1) ? sum : nobody;
}

void gelu_erf(Matcher& m, int erf) {
  const int scale = m.writer(m.input(erf, 0), "Div") != nobody ? m.writer(m.input(erf, 0), "Div")
                                                               : m.writer(m.input(erf, 0), "Mul");
  const int sum = plus_one(m, erf);
  if (scale == nobody || sum == nobody) {
    return;
  }
  const int x = m.input(scale, 0);
  const double wanted = m.is(scale, "Div") ? std::sqrt(2.0) : std::sqrt(0.5);
  std::vector<int> inner{scale, erf, sum};
  const int last = half_product(m, sum, x, inner);
  if (near(m.scalar(m.input(scale, 1)), wanted) && sized(m, last)) {
    m.merge(last, inner, activation(m, last, "gelu_erf"), "gelu_erf");
  }
}

/// x^3 as a power or as products.
bool is_cube(const Matcher& m, int tensor, int x, std::vector<int>& inner) {
  if (const int power = m.writer(tensor, "Pow"); power != nobody) {
    inner.push_back(power);
    return m.input(power, 0) == x && near(m.scalar(m.input(power, 1)), 3);
  }
  const int outer = m.writer(tensor, "Mul");
  if (outer == nobody) {
    return false;
  }
  const int square = m.writer(m.other_input(outer, x), "Mul");
  inner.push_back(outer);
  inner.push_back(square);
  return square != nobody && m.input(square, 0) == x && m.input(square, 1) == x;
}

/// tanh(sqrt(2/pi) * (x + 0.044715 x^3)).
void gelu_tanh(Matcher& m, int tanh) {
  const int scale = m.writer(m.input(tanh, 0), "Mul");
  const int sum = plus_one(m, tanh);
  if (scale == nobody || sum == nobody) {
    return;
  }
  const int a = m.writer(m.input(scale, 0), "Add");
  const int b = m.writer(m.input(scale, 1), "Add");
  const int polynomial = a != nobody ? a : b;
  if (polynomial == nobody ||
      !near(m.scalar(m.other_input(scale, m.output(polynomial))), 0.79788456)) {
    return;
  }
  for (const std::size_t side : {0U, 1U}) {
    const int x = m.input(polynomial, side);
    const int term = m.writer(m.input(polynomial, 1 - side), "Mul");
    if (term == nobody) {
      continue;
    }
    const bool second = near(m.scalar(m.input(term, 0)), 0.044715);
    std::vector<int> inner{scale, tanh, sum, polynomial, term};
    if ((second || near(m.scalar(m.input(term, 1)), 0.044715)) &&
        is_cube(m, m.input(term, second ? 1 : 0), x, inner)) {
      const int last = half_product(m, sum, x, inner);
      if (sized(m, last)) {
        m.merge(last, inner, activation(m, last, "gelu_tanh"), "gelu_tanh");
      }
      return;
    }
  }
}

/// x * sigmoid(x), and with 1.702 x.
void silu(Matcher& m, int sigmoid) {
  const int last = m.reader(sigmoid);
  if (!m.is(last, "Mul") || !sized(m, last)) {
    return;
  }
  const int x = m.other_input(last, m.output(sigmoid));
  if (m.behind_views(x) == m.behind_views(m.input(sigmoid, 0))) {
    m.merge(last, {sigmoid}, activation(m, last, "silu"), "silu");
    return;
  }
  const int scale = m.writer(m.input(sigmoid, 0), "Mul");
  if (scale != nobody && near(m.scalar(m.other_input(scale, x)), 1.702) &&
      models::layer_or_null("quick_gelu") != nullptr) {
    m.merge(last, {sigmoid, scale}, activation(m, last, "quick_gelu"), "quick_gelu");
  }
}

void gated(Matcher& m, int gate, std::string_view layer) {
  const int last = m.reader(gate);
  if (m.is(last, "Mul") && sized(m, last) &&
      m.other_input(last, m.output(gate)) == m.input(gate, 0)) {
    m.merge(last, {gate}, activation(m, last, layer), layer);
  }
}

/// x * min(max(x + 3, 0), 6) / 6, the division before or behind the product.
void hard_swish(Matcher& m, int clip) {
  const int shift = m.writer(m.input(clip, 0), "Add");
  const int next = m.reader(clip);
  if (shift == nobody || next == nobody) {
    return;
  }
  const bool right = near(m.scalar(m.input(shift, 1)), 3);
  if (!right && !near(m.scalar(m.input(shift, 0)), 3)) {
    return;
  }
  const int x = m.input(shift, right ? 0 : 1);
  const auto sixth = [&](int node, int from) {
    return (m.is(node, "Div") && m.input(node, 0) == from && near(m.scalar(m.input(node, 1)), 6)) ||
           (m.is(node, "Mul") && near(m.scalar(m.other_input(node, from)), 1.0 / 6));
  };
  const int last = m.reader(next);
  if (last == nobody || !sized(m, last)) {
    return;
  }
  const bool divided_first =
      sixth(next, m.output(clip)) && m.is(last, "Mul") && m.other_input(last, m.output(next)) == x;
  const bool divided_last =
      m.is(next, "Mul") && m.other_input(next, m.output(clip)) == x && sixth(last, m.output(next));
  if (divided_first || divided_last) {
    m.merge(last, {shift, clip, next}, activation(m, last, "hardswish"), "hardswish");
  }
}

void mish(Matcher& m, int softplus) {
  const int tanh = m.reader(softplus);
  const int last = m.is(tanh, "Tanh") ? m.reader(tanh) : nobody;
  if (m.is(last, "Mul") && sized(m, last) && models::layer_or_null("mish") != nullptr &&
      m.other_input(last, m.output(tanh)) == m.input(softplus, 0)) {
    m.merge(last, {softplus, tanh}, activation(m, last, "mish"), "mish");
  }
}

}  // namespace

void recognise_activations(Matcher& m) {
  for (int i = 0; i < static_cast<int>(m.size()); ++i) {
    if (m.is(i, "Erf")) {
      gelu_erf(m, i);
    } else if (m.is(i, "Tanh")) {
      gelu_tanh(m, i);
    } else if (m.is(i, "Sigmoid")) {
      silu(m, i);
    } else if (m.is(i, "HardSigmoid")) {
      gated(m, i, "hardswish");
    } else if (m.is(i, "Clip")) {
      hard_swish(m, i);
    } else if (m.is(i, "Softplus")) {
      mish(m, i);
    }
  }
}

}  // namespace flopmeter::onnx
