// A language model that runs behind a cache: a prompt, or a token at a time, as fused nodes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/generation/attend.h"
#include "kernels/generation/cache.h"
#include "kernels/generation/product.h"
#include "kernels/generation/rows.h"
#include "models/language/weights.h"

namespace flopmeter::models {

/// The caches of all layers and the angles of all positions: what one pass leaves for the next. Drawn or empty.
struct GenerationState {
  std::vector<generation::KeyValueCache> caches;
  generation::Rotary rotary;

  GenerationState(const LanguageModel& model, std::int64_t layers, std::int64_t batch,
                  std::int64_t capacity, generation::CacheType type);
  /// Bytes of all caches; of one token of one sequence in all layers.
  std::int64_t bytes() const;
  std::int64_t token_bytes() const;
};

/// Bytes of the caches before any is made. Throws CountOverflow.
std::int64_t cache_bytes(const Transformer& t, std::int64_t batch, std::int64_t capacity,
                         generation::CacheType type);

/// What runs as one node.
struct GenerationPart {
  std::string name;                     // "layers.0.attention.qkv"
  std::string kind;                     // the same without the layer's number
  std::vector<std::string> fused = {};  // nodes of the model in it
  std::string layer, shape;             // of the node that its arithmetic is, most of it
  std::string implementation;
  double flops = 0;  // exact, of all of them
  // Bytes of a run: stored weights, keys and values that queries see or that are appended, activations once each.
  std::int64_t weight_bytes = 0, cache_bytes = 0, read_bytes = 0, write_bytes = 0;
  std::string format = {};  // of the weights, of products
};

/// Rules by which nodes of the model are one node of a run; docs/language_models.md has the table.
struct GenerationRule {
  std::string_view pattern, becomes, condition;
};
std::span<const GenerationRule> generation_rules();

/// Runs `phase` behind a state whose caches hold `phase.past` tokens at the least: positions past to past + tokens are
/// written by every run. The model, weights and state must outlive it.
class Generator {
 public:
  Generator(const LanguageModel& model, const LanguageWeights& weights, GenerationState& state,
            const Phase& phase, int threads);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  /// Tokens of the next run, sequence by sequence. Throws std::logic_error for another number of them.
  void set_tokens(std::span<const std::int64_t> ids);

  const std::vector<GenerationPart>& parts() const;
  void run();
  /// A run that reads the clock between the parts: adds each part's seconds to `seconds`.
  void run(const std::function<double()>& clock, std::vector<std::vector<double>>& seconds);

  /// Of the last token of each sequence, batch x vocabulary.
  std::span<const float> logits() const;
  /// Of what is between nodes.
  std::size_t arena_bytes() const;

 private:
  class Build;
  std::unique_ptr<Build> build_;
};

}  // namespace flopmeter::models
