// How the nodes of a run are made: steps over one arena, in the order in which they run.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/generation/product.h"
#include "kernels/generation/rows.h"
#include "kernels/operand.h"
#include "models/language/generator.h"
#include "models/language/part_costs.h"

namespace flopmeter::models {

/// Null where there are none.
inline const float* data_or_null(const std::vector<float>& v) {
  return v.empty() ? nullptr : v.data();
}

generation::NormRow norm_row(const LanguageModel& model, const NormWeights& w);

/// The steps, with the memory that they work on.
class Generator::Build {
 public:
  Build(const LanguageModel& model, const LanguageWeights& weights, GenerationState& state,
        const Phase& phase, int threads);

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
                    const std::string& main,
                    const std::shared_ptr<generation::StoredProducts>& products,
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

  /// Shared by the threads.
  void for_rows(std::int64_t rows, const std::function<void(std::int64_t)>& work) const;
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

}  // namespace flopmeter::models
