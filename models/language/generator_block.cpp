// The nodes of one block: attention and feed-forward.
#include <fmt/format.h>

#include <cmath>

#include "kernels/generation/attend.h"
#include "models/language/generator_build.h"

namespace flopmeter::models {

using generation::Product;
using generation::StoredProducts;

namespace {

generation::ActivationKind kind_of(Activation a) {
  switch (a) {
    case Activation::swiglu:
    case Activation::silu:
      return generation::ActivationKind::silu;
    case Activation::geglu:
    case Activation::gelu:
      return generation::ActivationKind::gelu_erf;
    case Activation::geglu_tanh:
    case Activation::gelu_tanh:
      return generation::ActivationKind::gelu_tanh;
    case Activation::relu:
    case Activation::quick_gelu:  // refused before, as the next
    case Activation::relu_squared:
      break;
  }
  return generation::ActivationKind::relu;
}

}  // namespace

void Generator::Build::add_qkv(const BlockWeights& w) {
  std::vector<Product> products;
  const auto product = [&](const LinearWeights& of, float* y) {
    products.push_back({of.matrix, data_or_null(of.bias), y, of.matrix.rows, false});
  };
  product(w.q, q_);
  product(w.k, k_);
  product(w.v, v_);
  add_products("attention.qkv", {"attention.norm", "attention.q", "attention.k", "attention.v"},
               "attention.q",
               std::make_shared<StoredProducts>(std::move(products), normed_, t_.hidden, rows_),
               norm_of(w.attention_norm, x_, normed_, rows_), {});
  parts.back().read_bytes = bytes(t_.hidden);
  parts.back().write_bytes =
      bytes((t_.heads + t_.kv_heads) * t_.head_size + t_.kv_heads * t_.value_size);
}

void Generator::Build::add_rotary(const BlockWeights& w, generation::KeyValueCache& cache) {
  const auto head = [this](float* x, std::int64_t at, const NormWeights& norm) {
    if (t_.qk_norm) {
      norm_row(model_, norm)(x, x);
    }
    if (t_.positions == Positions::rotary) {
      state_.rotary.turn(at, x);
    }
  };
  const auto row = [this, head, &w, &cache](std::int64_t r) {
    for (std::int64_t h = 0; h < t_.heads; ++h) {
      head(q_ + (r * t_.heads + h) * t_.head_size, position(r), w.q_norm);
    }
    for (std::int64_t h = 0; h < t_.kv_heads; ++h) {
      float* key = k_ + (r * t_.kv_heads + h) * t_.head_size;
      head(key, position(r), w.k_norm);
      cache.append(r / phase_.tokens, h, position(r), key,
                   v_ + (r * t_.kv_heads + h) * t_.value_size);
    }
  };
  GenerationPart& part =
      add("attention.rotary",
          {"attention.q_norm", "attention.k_norm", "attention.rotary_q.cos",
           "attention.rotary_q.sin", "attention.rotary_q.sum", "attention.rotary_k.cos",
           "attention.rotary_k.sin", "attention.rotary_k.sum"},
          "", [this, row] { for_rows(rows_, row); });
  part.layer = "rotary, append";
  part.shape = fmt::format("{}x{}x{}", rows_, t_.heads + 2 * t_.kv_heads, t_.head_size);
  part.implementation = "loops over heads, appended in place";
  part.cache_bytes = rows_ * cache.shape().token_bytes();
  part.read_bytes = bytes((t_.heads + t_.kv_heads) * t_.head_size + t_.kv_heads * t_.value_size);
  part.write_bytes = bytes(t_.heads * t_.head_size);
}

void Generator::Build::add_attend(const BlockWeights& w, generation::KeyValueCache& cache,
                                  std::int64_t window) {
  const generation::AttendShape shape{
      .tokens = phase_.tokens,
      .past = phase_.past,
      .heads = t_.heads,
      .window = window,
      .scale = 1 / std::sqrt(static_cast<float>(t_.head_size)),
      .softcap = static_cast<float>(static_cast<std::int64_t>(t_.softcap)),
      .sinks = data_or_null(w.sinks)};
  const auto attend = std::make_shared<generation::Attend>(cache, shape, q_, attended_, threads_);
  GenerationPart& part =
      add("attention.sdpa",
          {"attention.sdpa", "attention.cap_in", "attention.cap", "attention.cap_out"},
          "attention.sdpa", [attend] { attend->run(); });
  part.implementation = "attention over the cache, 128 keys at a time";
  part.cache_bytes = attend->cache_bytes();
  part.read_bytes = bytes(t_.heads * t_.head_size);
  part.write_bytes = bytes(t_.heads * t_.value_size);
}

void Generator::Build::add_up(const BlockWeights& w) {
  const std::int64_t size = t_.feed_forward;
  const bool gate = is_gated(t_.activation);
  float* activated = gate ? gate_ : up_;
  std::vector<Product> products{{w.up.matrix, data_or_null(w.up.bias), up_, size, false}};
  if (gate) {
    products.push_back({w.gate.matrix, data_or_null(w.gate.bias), gate_, size, false});
  }
  const auto made =
      std::make_shared<StoredProducts>(std::move(products), normed_, t_.hidden, rows_);
  made->set_after([this, gate, activated, size, kind = kind_of(t_.activation)](std::int64_t from,
                                                                               std::int64_t to) {
    for (std::int64_t r = 0; r < rows_; ++r) {
      float* y = activated + r * size + from;
      generation::activate(kind, to - from, nullptr, y);
      for (std::int64_t i = 0; gate && i < to - from; ++i) {
        up_[r * size + from + i] *= y[i];
      }
    }
  });
  // A block with one norm has its rows already.
  add_products(
      "ffn.up", {"ffn.norm", "ffn.gate", "ffn.up", "ffn.act", "ffn.product"}, "ffn.up", made,
      t_.norm_once ? std::function<void()>() : norm_of(w.ffn_norm, x_, normed_, rows_), {});
  parts.back().read_bytes = bytes(t_.hidden);
  parts.back().write_bytes = bytes(size);
}

void Generator::Build::add_down(const std::string& kind, const LinearWeights& w,
                                const NormWeights& norm, const float* x,
                                std::vector<std::string> names) {
  const bool after = t_.norm_after;
  std::vector<Product> products{
      {w.matrix, data_or_null(w.bias), after ? out_ : x_, t_.hidden, !after}};
  std::function<void()> then;
  if (after) {
    then = [this, row = norm_row(model_, norm)] {
      for_rows(rows_, [&](std::int64_t r) {
        float* y = out_ + r * t_.hidden;
        row(y, y);
        for (std::int64_t i = 0; i < t_.hidden; ++i) {
          x_[r * t_.hidden + i] += y[i];
        }
      });
    };
  }
  const std::int64_t columns = w.matrix.columns;
  add_products(kind, names, names.front(),
               std::make_shared<StoredProducts>(std::move(products), x, columns, rows_), {}, then);
  parts.back().read_bytes = bytes(columns + t_.hidden);
  parts.back().write_bytes = bytes(t_.hidden);
}

/// Where attention and feed-forward read the same, the feed-forward's first half runs before anything is added.
void Generator::Build::add_block(const BlockWeights& w, generation::KeyValueCache& cache,
                                 std::int64_t window) {
  add_qkv(w);
  add_rotary(w, cache);
  add_attend(w, cache, window);
  if (t_.parallel) {
    add_up(w);
  }
  add_down("attention.o", w.o, w.attention_norm_after, attended_,
           {"attention.o", "attention.norm_after", "attention.residual"});
  if (!t_.parallel) {
    add_up(w);
  }
  add_down("ffn.down", w.down, w.ffn_norm_after, up_,
           {"ffn.down", "ffn.norm_after", "ffn.residual"});
}

}  // namespace flopmeter::models
