#include "models/language/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <stdexcept>

#include "counters/convention.h"
#include "counters/op_counts.h"
#include "kernels/eigen/share.h"
#include "kernels/network/arena.h"
#include "models/language/part_costs.h"

namespace flopmeter::models {
namespace {

using generation::Matrix;
using generation::NormRow;
using generation::Product;
using generation::StoredProducts;

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
      break;
  }
  return generation::ActivationKind::relu;
}

const float* data_or_null(const std::vector<float>& v) { return v.empty() ? nullptr : v.data(); }

NormRow norm_row(const LanguageModel& model, const NormWeights& w) {
  return {
      model.transformer.norm == Norm::rms ? generation::NormKind::rms : generation::NormKind::layer,
      static_cast<std::int64_t>(w.scale.size()), static_cast<float>(model.epsilon), w.scale.data(),
      data_or_null(w.shift)};
}

generation::CacheShape cache_shape(const Transformer& t, std::int64_t batch, std::int64_t capacity,
                                   generation::CacheType type) {
  return {batch, t.kv_heads, capacity, t.head_size, t.value_size, type};
}

/// Buffers between nodes, and when within a block they live: the steps of one block follow each other as numbered.
struct Buffer {
  std::int64_t columns;
  std::size_t first, last;
};
enum Step : std::size_t {
  normed_step,
  qkv_step,
  rotary_step,
  attend_step,
  up_step,
  o_step,
  down_step,
  head_step
};

constexpr std::array rules{
    GenerationRule{"norm, then products", "the products, behind the norm of their rows",
                   "the norm is read by them alone"},
    GenerationRule{"q, k, v of one x", "one node: rows of all three are shared by the threads", ""},
    GenerationRule{"norms of heads, rotary positions, the cache",
                   "one node that turns queries, and appends keys and values in place", ""},
    GenerationRule{"scores, soft cap, window, sinks, softmax, values",
                   "one node over the cache, 128 keys at a time", ""},
    GenerationRule{"gate, up, activation, product", "one node: a thread makes as many of both", ""},
    GenerationRule{"product, + residual", "added to what lies there", "no norm in between"},
};

}  // namespace

std::span<const GenerationRule> generation_rules() { return rules; }

GenerationState::GenerationState(const LanguageModel& model, std::int64_t layers,
                                 std::int64_t batch, std::int64_t capacity,
                                 generation::CacheType type) {
  const Transformer& t = model.transformer;
  for (std::int64_t i = 0; i < layers; ++i) {
    caches.emplace_back(cache_shape(t, batch, capacity, type));
  }
  if (t.positions == Positions::rotary) {
    rotary = {t.rotary_size, capacity, model.rotary_base, model.neighbours};
  }
}

std::int64_t GenerationState::bytes() const {
  std::int64_t sum = 0;
  for (const generation::KeyValueCache& cache : caches) {
    sum += cache.shape().bytes();
  }
  return sum;
}

std::int64_t GenerationState::token_bytes() const {
  std::int64_t sum = 0;
  for (const generation::KeyValueCache& cache : caches) {
    sum += cache.shape().token_bytes();
  }
  return sum;
}

std::int64_t cache_bytes(const Transformer& t, std::int64_t batch, std::int64_t capacity,
                         generation::CacheType type) {
  return checked_multiply(t.layers, cache_shape(t, batch, capacity, type).bytes());
}

/// The steps, with the memory that they work on.
class Generator::Build {
 public:
  Build(const LanguageModel& model, const LanguageWeights& weights, GenerationState& state,
        const Phase& phase, int threads)
      : model_(model),
        t_(model.transformer),
        weights_(weights),
        state_(state),
        phase_(phase),
        threads_(threads),
        rows_(phase.batch * phase.tokens),
        costs_(model.transformer, phase) {
    give_places();
    add_embedding();
    for (std::size_t i = 0; i < weights_.blocks.size(); ++i) {
      path_ = fmt::format("layers.{}.", i);
      add_block(weights_.blocks[i], state_.caches[i], window_of(t_, i));
    }
    path_.clear();
    add_head();
    const std::vector<std::string> left = costs_.left();
    if (static_cast<std::int64_t>(weights_.blocks.size()) == t_.layers && !left.empty()) {
      throw std::logic_error("no part of the run is " + left.front());
    }
  }

  std::vector<GenerationPart> parts;
  std::vector<std::function<void()>> runs;
  std::vector<std::int64_t> ids;
  std::size_t arena_bytes = 0;
  std::span<const float> logits() const {
    return {logits_, static_cast<std::size_t>(phase_.batch * t_.vocabulary)};
  }

 private:
  void give_places();
  float* place(std::size_t i) { return arena_.data() + offsets_[i] / sizeof(float); }

  /// A node that runs: names are of the model's nodes below the path, what is not there is left out.
  GenerationPart& add(const std::string& kind, const std::vector<std::string>& names,
                      const std::string& main, std::function<void()> run);
  void add_products(const std::string& kind, const std::vector<std::string>& names,
                    const std::string& main, const std::shared_ptr<StoredProducts>& products,
                    std::function<void()> before, std::function<void()> after);

  void add_embedding();
  void add_block(const BlockWeights& w, generation::KeyValueCache& cache, std::int64_t window);
  void add_qkv(const BlockWeights& w);
  void add_rotary(const BlockWeights& w, generation::KeyValueCache& cache);
  void add_attend(const BlockWeights& w, generation::KeyValueCache& cache, std::int64_t window);
  void add_up(const BlockWeights& w);
  /// Back to the residual: of "attention.o" or "ffn.down".
  void add_down(const std::string& kind, const LinearWeights& w, const NormWeights& after,
                const float* x, std::vector<std::string> names);
  void add_head();

  void for_rows(std::int64_t rows, const std::function<void(std::int64_t)>& work) const {
    eigen::share(rows, threads_, work);
  }
  /// x of the residual through a norm.
  std::function<void()> norm_of(const NormWeights& w, const float* from, float* to,
                                std::int64_t rows) const;
  std::int64_t position(std::int64_t row) const { return phase_.past + row % phase_.tokens; }
  std::int64_t bytes(std::int64_t columns) const { return rows_ * columns * 4; }

  const LanguageModel& model_;
  const Transformer& t_;
  const LanguageWeights& weights_;
  GenerationState& state_;
  Phase phase_;
  int threads_;
  std::int64_t rows_;
  PartCosts costs_;
  std::string path_;
  AlignedVector<float> arena_;
  std::vector<std::size_t> offsets_;
  float *x_ = nullptr, *normed_ = nullptr, *q_ = nullptr, *k_ = nullptr, *v_ = nullptr,
        *attended_ = nullptr, *up_ = nullptr, *gate_ = nullptr, *out_ = nullptr, *last_ = nullptr,
        *logits_ = nullptr;
};

void Generator::Build::give_places() {
  const std::array<Buffer, 9> buffers{{
      {t_.hidden, normed_step, head_step},                  // x
      {t_.hidden, normed_step, head_step},                  // normed
      {t_.heads * t_.head_size, qkv_step, attend_step},     // q
      {t_.kv_heads * t_.head_size, qkv_step, rotary_step},  // k
      {t_.kv_heads * t_.value_size, qkv_step, rotary_step},
      {t_.heads * t_.value_size, attend_step, o_step},
      {t_.feed_forward, up_step, down_step},
      {is_gated(t_.activation) ? t_.feed_forward : 0, up_step, up_step},
      {t_.norm_after ? t_.hidden : 0, o_step, down_step},
  }};
  std::vector<Lifespan> lives;
  for (const Buffer& buffer : buffers) {
    lives.push_back({static_cast<std::size_t>(bytes(buffer.columns)), buffer.first, buffer.last});
  }
  lives.push_back({static_cast<std::size_t>(phase_.batch * t_.hidden) * 4, head_step, head_step});
  lives.push_back(
      {static_cast<std::size_t>(phase_.batch * t_.vocabulary) * 4, head_step, head_step});
  const Arena arena = plan_arena(lives);
  offsets_ = arena.offsets;
  arena_bytes = arena.bytes;
  arena_.resize(arena.bytes / sizeof(float) + 1);
  std::size_t i = 0;
  for (float** buffer :
       {&x_, &normed_, &q_, &k_, &v_, &attended_, &up_, &gate_, &out_, &last_, &logits_}) {
    *buffer = place(i++);
  }
}

GenerationPart& Generator::Build::add(const std::string& kind,
                                      const std::vector<std::string>& names,
                                      const std::string& main, std::function<void()> run) {
  GenerationPart part;
  part.name = path_ + kind;
  part.kind = kind;
  const PartCosts::Taken taken = costs_.take(path_, names, main);
  part.fused = taken.names;
  part.flops = taken.flops;
  part.layer = taken.layer;
  part.shape = taken.shape;
  parts.push_back(std::move(part));
  runs.push_back(std::move(run));
  return parts.back();
}

void Generator::Build::add_products(const std::string& kind, const std::vector<std::string>& names,
                                    const std::string& main,
                                    const std::shared_ptr<StoredProducts>& products,
                                    std::function<void()> before, std::function<void()> after) {
  GenerationPart& part = add(kind, names, main, [=, this] {
    if (before) {
      before();
    }
    products->run(threads_);
    if (after) {
      after();
    }
  });
  part.implementation = products->implementation();
  part.weight_bytes = products->weight_bytes();
  part.format = products->format();
}

std::function<void()> Generator::Build::norm_of(const NormWeights& w, const float* from, float* to,
                                                std::int64_t rows) const {
  return [this, row = norm_row(model_, w), from, to, rows, length = t_.hidden] {
    for_rows(rows, [&](std::int64_t r) { row(from + r * length, to + r * length); });
  };
}

void Generator::Build::add_embedding() {
  const float factor = t_.scaled_embedding ? std::sqrt(static_cast<float>(t_.hidden)) : 1;
  GenerationPart& part = add(
      "embedding", {"embedding", "embedding.scale", "positions", "positions.sum"}, "embedding",
      [this, factor] {
        std::vector<float> place_row(static_cast<std::size_t>(t_.hidden));
        for (std::int64_t r = 0; r < rows_; ++r) {
          float* x = x_ + r * t_.hidden;
          const Matrix& table = weights_.embedding;
          generation::unpack(table.format, table.row(ids[static_cast<std::size_t>(r)]), t_.hidden,
                             x);
          for (std::int64_t i = 0; i < t_.hidden; ++i) {
            x[i] *= factor;
          }
          if (t_.positions == Positions::learned) {
            const Matrix& places = weights_.positions;
            generation::unpack(places.format, places.row(position(r)), t_.hidden, place_row.data());
            for (std::int64_t i = 0; i < t_.hidden; ++i) {
              x[i] += place_row[static_cast<std::size_t>(i)];
            }
          }
        }
      });
  part.implementation = "rows of stored weights made numbers";
  part.weight_bytes = rows_ * weights_.embedding.row_bytes();
  part.format = generation::info(weights_.embedding.format).name;
  part.write_bytes = bytes(t_.hidden);
}

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

void Generator::Build::add_head() {
  const std::int64_t batch = phase_.batch;
  std::vector<Product> products{
      {weights_.head.matrix, data_or_null(weights_.head.bias), logits_, t_.vocabulary, false}};
  const auto before = [this, batch, norm = norm_row(model_, weights_.norm)] {
    for (std::int64_t b = 0; b < batch; ++b) {
      const float* x = x_ + ((b + 1) * phase_.tokens - 1) * t_.hidden;
      float* to = last_ + b * t_.hidden;
      if (t_.final_norm) {
        norm(x, to);
      } else {
        std::copy_n(x, t_.hidden, to);
      }
    }
  };
  const auto made = std::make_shared<StoredProducts>(std::move(products), last_, t_.hidden, batch);
  if (t_.final_softcap > 0) {
    made->set_after([this, batch](std::int64_t from, std::int64_t to) {
      for (std::int64_t b = 0; b < batch; ++b) {
        generation::cap(static_cast<float>(t_.final_softcap), to - from,
                        logits_ + b * t_.vocabulary + from);
      }
    });
  }
  costs_.last_tokens_alone();
  add_products("output", {"norm", "output", "output.cap_in", "output.cap", "output.cap_out"},
               "output", made, before, {});
  parts.back().read_bytes = batch * t_.hidden * 4;
  parts.back().write_bytes = batch * t_.vocabulary * 4;
}

Generator::Generator(const LanguageModel& model, const LanguageWeights& weights,
                     GenerationState& state, const Phase& phase, int threads)
    : build_(std::make_unique<Build>(model, weights, state, phase, threads)) {
  build_->ids.assign(static_cast<std::size_t>(phase.batch * phase.tokens), 0);
}

Generator::~Generator() = default;

void Generator::set_tokens(std::span<const std::int64_t> ids) {
  if (ids.size() != build_->ids.size()) {
    throw std::logic_error("another number of tokens");
  }
  std::ranges::copy(ids, build_->ids.begin());
}

const std::vector<GenerationPart>& Generator::parts() const { return build_->parts; }

void Generator::run() {
  for (const auto& part : build_->runs) {
    part();
  }
}

void Generator::run(const std::function<double()>& clock,
                    std::vector<std::vector<double>>& seconds) {
  seconds.resize(build_->runs.size());
  double before = clock();
  for (std::size_t i = 0; i < build_->runs.size(); ++i) {
    build_->runs[i]();
    const double after = clock();
    seconds[i].push_back(after - before);
    before = after;
  }
}

std::span<const float> Generator::logits() const { return build_->logits(); }

std::size_t Generator::arena_bytes() const { return build_->arena_bytes; }

}  // namespace flopmeter::models
