#include "models/language/generator_build.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "kernels/eigen/share.h"
#include "kernels/network/arena.h"

namespace flopmeter::models {

using generation::Matrix;
using generation::NormRow;
using generation::Product;
using generation::StoredProducts;

namespace {

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

}  // namespace

NormRow norm_row(const LanguageModel& model, const NormWeights& w) {
  return {
      model.transformer.norm == Norm::rms ? generation::NormKind::rms : generation::NormKind::layer,
      static_cast<std::int64_t>(w.scale.size()), static_cast<float>(model.epsilon), w.scale.data(),
      data_or_null(w.shift)};
}

Generator::Build::Build(const LanguageModel& model, const LanguageWeights& weights,
                        GenerationState& state, const Phase& phase, int threads)
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

void Generator::Build::for_rows(std::int64_t rows,
                                const std::function<void(std::int64_t)>& work) const {
  eigen::share(rows, threads_, work);
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

}  // namespace flopmeter::models
