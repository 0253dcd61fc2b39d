#include "models/language/plain_network.h"

#include <fmt/format.h>

#include <cmath>

namespace flopmeter::models {
namespace {

using generation::Matrix;

/// A tensor of rows.
struct Value {
  TensorId id;
  std::int64_t rows, columns;
};

class Builder {
 public:
  Builder(const LanguageModel& model, const LanguageWeights& weights, std::int64_t tokens)
      : model_(model), t_(model.transformer), weights_(weights), tokens_(tokens) {
    made_.random_weights = weights.random;
  }

  NetworkFile build(std::vector<std::int64_t> ids);

 private:
  Value tensor(Lifetime lifetime, std::int64_t rows, std::int64_t columns, Numbers numbers = {});
  Value constant(std::int64_t rows, std::int64_t columns, Numbers numbers) {
    return tensor(Lifetime::constant, rows, columns, std::move(numbers));
  }
  Value constant(const std::vector<float>& numbers) {
    return constant(1, static_cast<std::int64_t>(numbers.size()), [numbers] { return numbers; });
  }
  Value number(double value) { return constant({static_cast<float>(value)}); }
  /// With its rows in another order, if one is given.
  Value matrix(const Matrix& m, const std::vector<std::int64_t>& order = {});
  Value make(std::string_view layer, const std::string& shape,
             std::vector<std::pair<std::string, Value>> reads, std::int64_t rows,
             std::int64_t columns, Lifetime lifetime = Lifetime::activation);

  Value two(std::string_view layer, const Value& a, const Value& b);
  Value one(std::string_view layer, const Value& x);
  Value mean(const Value& x);
  Value norm(const Value& x, const NormWeights& w);
  Value linear(const Value& x, const LinearWeights& w, Lifetime lifetime = Lifetime::activation,
               const std::vector<std::int64_t>& order = {});
  /// Of rows of weights, so that rotary pairs are halves; empty where they are.
  std::vector<std::int64_t> in_halves(std::int64_t heads) const;
  Value rotary(const Value& x, std::int64_t heads);
  Value heads_norm(const Value& x, std::int64_t heads, const NormWeights& w);
  Value attention(const Value& x, const BlockWeights& w, std::int64_t window);
  Value feed_forward(const Value& x, const BlockWeights& w);
  Value block(const Value& x, std::size_t i);

  const LanguageModel& model_;
  const Transformer& t_;
  const LanguageWeights& weights_;
  std::int64_t tokens_;
  NetworkFile made_;
  std::size_t count_ = 0;
};

Value Builder::tensor(Lifetime lifetime, std::int64_t rows, std::int64_t columns, Numbers numbers) {
  const TensorId id = made_.network.add_tensor(
      {.name = lifetime == Lifetime::output ? "logits" : fmt::format("t{}", count_++),
       .dims = {rows, columns},
       .lifetime = lifetime});
  made_.numbers.resize(id + 1);
  made_.numbers[id] = std::move(numbers);
  return {id, rows, columns};
}

Value Builder::matrix(const Matrix& m, const std::vector<std::int64_t>& order) {
  return constant(m.rows, m.columns, [m, order] {
    std::vector<float> all(static_cast<std::size_t>(m.rows * m.columns));
    for (std::int64_t i = 0; i < m.rows; ++i) {
      const std::int64_t from = order.empty() ? i : order[static_cast<std::size_t>(i)];
      generation::unpack(m.format, m.row(from), m.columns, all.data() + i * m.columns);
    }
    return all;
  });
}

Value Builder::make(std::string_view layer, const std::string& shape,
                    std::vector<std::pair<std::string, Value>> reads, std::int64_t rows,
                    std::int64_t columns, Lifetime lifetime) {
  const Value made = tensor(lifetime, rows, columns);
  Node node{.label = fmt::format("{}{}", layer, count_), .layer = &find_layer(layer)};
  node.shape = node.layer->parse(shape);
  for (const auto& [operand, value] : reads) {
    node.edges.push_back({operand, value.id});
  }
  node.edges.push_back({"dst", made.id, true});
  made_.network.add_node(std::move(node));
  return made;
}

Value Builder::two(std::string_view layer, const Value& a, const Value& b) {
  return make(layer, fmt::format("{}x{}:{}x{}", a.rows, a.columns, b.rows, b.columns),
              {{"src0", a}, {"src1", b}}, a.rows, a.columns);
}

Value Builder::one(std::string_view layer, const Value& x) {
  return make(layer, fmt::format("mb{}ic{}", x.rows, x.columns), {{"src", x}}, x.rows, x.columns);
}

Value Builder::mean(const Value& x) {
  return make("reduce_mean", fmt::format("{}x{}:{}x1", x.rows, x.columns, x.rows), {{"src", x}},
              x.rows, 1);
}

/// Of primitives, with the epsilon that the file has.
Value Builder::norm(const Value& given, const NormWeights& w) {
  const Value x = t_.norm == Norm::layer ? two("sub", given, mean(given)) : given;
  const Value variance = two("add", mean(two("mul", x, x)), number(model_.epsilon));
  Value y = two("mul", two("div", x, one("sqrt", variance)), constant(w.scale));
  return w.shift.empty() ? y : two("add", y, constant(w.shift));
}

Value Builder::linear(const Value& x, const LinearWeights& w, Lifetime lifetime,
                      const std::vector<std::int64_t>& order) {
  const Matrix& m = w.matrix;
  std::vector<std::pair<std::string, Value>> reads{{"src", x}, {"weights", matrix(m, order)}};
  if (!w.bias.empty()) {
    std::vector<float> bias = w.bias;
    for (std::size_t i = 0; i < order.size(); ++i) {
      bias[i] = w.bias[static_cast<std::size_t>(order[i])];
    }
    reads.emplace_back("bias", constant(bias));
  }
  return make("linear",
              fmt::format("mb{}ic{}oc{}bias{}", x.rows, m.columns, m.rows, w.bias.empty() ? 0 : 1),
              std::move(reads), x.rows, m.rows, lifetime);
}

std::vector<std::int64_t> Builder::in_halves(std::int64_t heads) const {
  std::vector<std::int64_t> order;
  const std::int64_t half = t_.rotary_size / 2;
  for (std::int64_t row = 0; model_.neighbours && row < heads * t_.head_size; ++row) {
    const std::int64_t i = row % t_.head_size;
    const std::int64_t from = i >= 2 * half ? i : i < half ? 2 * i : 2 * (i - half) + 1;
    order.push_back(row - i + from);
  }
  return order;
}

Value Builder::rotary(const Value& x, std::int64_t heads) {
  if (t_.positions != Positions::rotary) {
    return x;
  }
  const std::int64_t half = t_.rotary_size / 2;
  const auto angles = [this, half](double (*function)(double)) {
    return [=, tokens = tokens_, base = model_.rotary_base, size = t_.rotary_size] {
      std::vector<float> all;
      for (std::int64_t p = 0; p < tokens; ++p) {
        for (std::int64_t i = 0; i < half; ++i) {
          const double power = -2.0 * static_cast<double>(i) / static_cast<double>(size);
          all.push_back(
              static_cast<float>(function(static_cast<double>(p) * std::pow(base, power))));
        }
      }
      return all;
    };
  };
  return make("rotary",
              fmt::format("mb1l{}h{}d{}rot{}", tokens_, heads, t_.head_size, t_.rotary_size),
              {{"src", x},
               {"cos", constant(tokens_, half, angles(std::cos))},
               {"sin", constant(tokens_, half, angles(std::sin))}},
              x.rows, x.columns);
}

/// Each head a row of its own.
Value Builder::heads_norm(const Value& x, std::int64_t heads, const NormWeights& w) {
  const Value rows =
      make("reshape", fmt::format("{}x{}:{}x{}", x.rows, x.columns, x.rows * heads, t_.head_size),
           {{"src", x}}, x.rows * heads, t_.head_size);
  const Value y = norm(rows, w);
  return make("reshape", fmt::format("{}x{}:{}x{}", y.rows, y.columns, x.rows, x.columns),
              {{"src", y}}, x.rows, x.columns);
}

Value Builder::attention(const Value& x, const BlockWeights& w, std::int64_t window) {
  Value q = linear(x, w.q, Lifetime::activation, in_halves(t_.heads));
  Value k = linear(x, w.k, Lifetime::activation, in_halves(t_.kv_heads));
  const Value v = linear(x, w.v);
  if (t_.qk_norm) {
    q = heads_norm(q, t_.heads, w.q_norm);
    k = heads_norm(k, t_.kv_heads, w.k_norm);
  }
  q = rotary(q, t_.heads);
  k = rotary(k, t_.kv_heads);
  std::vector<std::pair<std::string, Value>> reads{{"src_q", q}, {"src_k", k}, {"src_v", v}};
  if (t_.sinks) {
    reads.emplace_back("sinks", constant(w.sinks));
  }
  return make("sdpa",
              fmt::format("mb1h{}hkv{}lq{}lk{}d{}dv{}causal1window{}sink{}softcap{}", t_.heads,
                          t_.kv_heads, tokens_, tokens_, t_.head_size, t_.value_size, window,
                          t_.sinks ? 1 : 0, static_cast<std::int64_t>(t_.softcap)),
              std::move(reads), tokens_, t_.heads * t_.value_size);
}

Value Builder::feed_forward(const Value& x, const BlockWeights& w) {
  const Value up = linear(x, w.up);
  const std::string_view function = function_of(t_.activation);
  const Value inner = is_gated(t_.activation) ? two("mul", one(function, linear(x, w.gate)), up)
                                              : one(function, up);
  return linear(inner, w.down);
}

Value Builder::block(const Value& x, std::size_t i) {
  const BlockWeights& w = weights_.blocks[i];
  const Value normed = norm(x, w.attention_norm);
  const Value attended = linear(attention(normed, w, window_of(t_, i)), w.o);
  const Value added =
      two("add", x, t_.norm_after ? norm(attended, w.attention_norm_after) : attended);
  const Value read = t_.norm_once ? normed : norm(t_.parallel ? x : added, w.ffn_norm);
  const Value fed = feed_forward(read, w);
  return two("add", added, t_.norm_after ? norm(fed, w.ffn_norm_after) : fed);
}

NetworkFile Builder::build(std::vector<std::int64_t> ids) {
  const Value tokens = tensor(Lifetime::input, tokens_, 1,
                              [ids] { return std::vector<float>(ids.begin(), ids.end()); });
  const auto look_up = [&](const Value& indices, const Matrix& table) {
    return make("embedding", fmt::format("mb{}vocab{}dim{}", tokens_, table.rows, table.columns),
                {{"src", indices}, {"weights", matrix(table)}}, tokens_, table.columns);
  };
  Value x = look_up(tokens, weights_.embedding);
  if (t_.scaled_embedding) {
    x = two("mul", x, number(std::sqrt(static_cast<double>(t_.hidden))));
  }
  if (t_.positions == Positions::learned) {
    const Value places = constant(tokens_, 1, [n = tokens_] {
      std::vector<float> all;
      for (std::int64_t i = 0; i < n; ++i) {
        all.push_back(static_cast<float>(i));
      }
      return all;
    });
    x = two("add", x, look_up(places, weights_.positions));
  }
  for (std::size_t i = 0; i < weights_.blocks.size(); ++i) {
    x = block(x, i);
  }
  x = t_.final_norm ? norm(x, weights_.norm) : x;
  if (t_.final_softcap <= 0) {
    linear(x, weights_.head, Lifetime::output);
    return std::move(made_);
  }
  const Value logits = linear(x, weights_.head);
  const Value capped = one("tanh", two("div", logits, number(t_.final_softcap)));
  const Value most = number(t_.final_softcap);
  make("mul", fmt::format("{}x{}:1x1", capped.rows, capped.columns),
       {{"src0", capped}, {"src1", most}}, capped.rows, capped.columns, Lifetime::output);
  return std::move(made_);
}

}  // namespace

NetworkFile plain_network(const LanguageModel& model, const LanguageWeights& weights,
                          std::vector<std::int64_t> ids) {
  return Builder(model, weights, static_cast<std::int64_t>(ids.size())).build(std::move(ids));
}

}  // namespace flopmeter::models
