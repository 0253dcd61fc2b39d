// Scaled dot-product attention out of products and a softmax, and linear layers with their bias.
#include <algorithm>
#include <array>

#include "models/model.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/patterns/matcher.h"

namespace flopmeter::onnx {
namespace {

/// Queries, keys and values as [batch..., heads, rows, columns].
struct Products {
  std::vector<std::int64_t> q, k, v;
};

std::optional<Products> products_of(const Matcher& m, int scores, int values) {
  const Tensor& q = m.tensor(m.input(scores, 0));
  const Tensor& k = m.tensor(m.input(scores, 1));
  const Tensor& v = m.tensor(m.input(values, 1));
  if (!q.dims || !k.dims || !v.dims || !all_known(*q.dims) || !all_known(*k.dims) ||
      !all_known(*v.dims) || q.dims->size() < 3 || q.dims->size() > 4 ||
      k.dims->size() != q.dims->size() || v.dims->size() != q.dims->size()) {
    return std::nullopt;
  }
  Products p{known_sizes(*q.dims), known_sizes(*k.dims), known_sizes(*v.dims)};
  for (std::size_t i = 0; i + 2 < p.q.size(); ++i) {
    if (p.q[i] != p.k[i] || p.q[i] != p.v[i]) {
      return std::nullopt;
    }
  }
  return p;
}

/// What lies between the scores and the softmax: a scale, and perhaps a mask that is added.
struct Between {
  int scores = nobody;
  int mask = nobody;      // the Add
  int scale = nobody;     // the node that scales them, or the first that scales what they are of
  std::string what = {};  // is scaled: s(cores), q(ueries), k(eys)
  std::vector<int> nodes = {};
};

/// How the file writes the scale, for who counts what it has: what is scaled, and whether by a division.
/// Beside a layer, what moves is free to say so.
std::string_view scale_of(const Matcher& m, const Between& between) {
  constexpr std::array<std::string_view, 8> ways{"s*", "q*", "k*", "qk*", "s/", "q/", "k/", "qk/"};
  const bool divides = m.node(between.scale).proto->op == "Div";
  const auto* const way = std::ranges::find_if(ways, [&](std::string_view one) {
    return one.substr(0, one.size() - 1) == between.what && one.ends_with('/') == divides;
  });
  return way == ways.end() ? "" : *way;
}

/// One number that is the same in every run, known or not: exporters compute scales from shapes.
bool is_scale(const Matcher& m, int tensor) {
  return m.scalar(tensor).has_value() ||
         (m.is_constant(tensor) && m.tensor(tensor).dims && all_known(*m.tensor(tensor).dims) &&
          elements_of(*m.tensor(tensor).dims).is(1));
}

/// The node that scales the tensor by such a number; `nobody` otherwise. What it scales goes to `source`.
int scaling_of(const Matcher& m, int tensor, int* source = nullptr) {
  for (const std::string_view op : {"Div", "Mul"}) {
    const int node = m.writer(tensor, op);
    for (const std::size_t by : {std::size_t{1}, std::size_t{0}}) {
      if (node != nobody && (by == 1 || op == "Mul") && is_scale(m, m.input(node, by)) &&
          m.input(node, 1 - by) != nobody &&
          m.tensor(m.input(node, 1 - by)).dims == m.tensor(tensor).dims) {
        if (source != nullptr) {
          *source = m.input(node, 1 - by);
        }
        return node;
      }
    }
  }
  return nobody;
}

Between before_softmax(const Matcher& m, int tensor) {
  Between b;
  for (int step = 0; step < 4; ++step) {
    if (const int scores = m.writer(tensor, "MatMul"); scores != nobody) {
      b.scores = scores;
      return b;
    }
    int source = nobody;
    int node = scaling_of(m, tensor, &source);
    if (node != nobody && b.scale == nobody) {
      b.scale = node;
      b.what = "s";
    } else if (node = m.writer(tensor, "Add"); node != nobody && b.mask == nobody) {
      b.mask = node;
      source = m.input(node, 0);
    } else {
      return b;
    }
    b.nodes.push_back(node);
    tensor = source;
  }
  return b;
}

/// PyTorch scales queries and keys before their product, each by the root; others queries alone.
void find_scale_of_operands(const Matcher& m, Between& between) {
  for (const std::size_t operand : {std::size_t{0}, std::size_t{1}}) {
    if (const int node = scaling_of(m, m.input(between.scores, operand)); node != nobody) {
      if (between.scale != nobody && m.node(node).proto->op != m.node(between.scale).proto->op) {
        return;  // its operand stays scaled outside of the layer
      }
      between.nodes.push_back(node);
      between.scale = between.scale == nobody ? node : between.scale;
      between.what += operand == 0 ? 'q' : 'k';
    }
  }
}

LayerUse sdpa_of(const Products& p) {
  const std::size_t r = p.q.size();
  LayerUse use{"sdpa",
               {{"mb", r == 4 ? p.q[0] : 1},
                {"h", p.q[r - 3]},
                {"hkv", p.q[r - 3]},
                {"lq", p.q[r - 2]},
                {"lk", p.k[r - 1]},
                {"d", p.q[r - 1]}}};
  if (p.v[r - 1] != p.q[r - 1]) {
    use.fields.emplace_back("dv", p.v[r - 1]);
  }
  return use;
}

bool has_field(std::string_view layer, std::string_view key) {
  const AnyLayer* found = models::layer_or_null(layer);
  return found != nullptr &&
         std::ranges::any_of(found->fields, [&](const FieldInfo& f) { return f.key == key; });
}

void attention_at(Matcher& m, int softmax) {
  std::vector<int> inner{softmax};
  const int values = m.reader(softmax, &inner);
  const int weights = inner.size() == 1 ? m.output(softmax) : m.output(inner.back());
  if (!m.is(values, "MatMul") || m.input(values, 0) != weights) {
    return;
  }
  Between between = before_softmax(m, m.input(softmax, 0));
  if (between.scores != nobody && between.scale == nobody) {
    find_scale_of_operands(m, between);
  }
  if (between.scores == nobody || between.scale == nobody) {
    return;
  }
  const auto p = products_of(m, between.scores, values);
  if (!p || (p->v.back() != p->q.back() && !has_field("sdpa", "dv"))) {
    return;
  }
  Lowered lowered;
  if (between.mask != nobody) {
    LayerUse mask = m.node(between.mask).lowered->layers.front();
    mask.label = "mask";
    lowered.layers.push_back(std::move(mask));
  }
  lowered.layers.push_back(sdpa_of(*p));
  lowered.moves = scale_of(m, between);
  inner.push_back(between.scores);
  inner.insert(inner.end(), between.nodes.begin(), between.nodes.end());
  m.merge(values, inner, std::move(lowered), "sdpa");
}

/// A product with constant weights, and a constant vector that is added to its rows.
void bias_at(Matcher& m, int product) {
  const int sum = m.reader(product);
  if (!m.is(sum, "Add") || m.node(product).lowered->layers.size() != 1 ||
      m.node(product).lowered->layers[0].layer != "linear") {
    return;
  }
  const int bias = m.other_input(sum, m.output(product));
  const Tensor& out = m.tensor(m.output(product));
  if (!m.is_constant(bias) || !m.tensor(bias).dims || m.tensor(bias).dims->size() != 1 ||
      out.dims->empty() || !(m.tensor(bias).dims->front() == out.dims->back())) {
    return;
  }
  Lowered lowered = *m.node(product).lowered;
  for (auto& [key, value] : lowered.layers[0].fields) {
    value = key == "bias" ? 1 : value;
  }
  m.merge(sum, {product}, std::move(lowered), "linear with its bias");
}

}  // namespace

void recognise_attention(Matcher& m) {
  for (int i = 0; i < static_cast<int>(m.size()); ++i) {
    if (m.is(i, "Softmax")) {
      attention_at(m, i);
    }
  }
}

void recognise_biases(Matcher& m) {
  for (int i = 0; i < static_cast<int>(m.size()); ++i) {
    if (m.is(i, "MatMul")) {
      bias_at(m, i);
    }
  }
}

}  // namespace flopmeter::onnx
