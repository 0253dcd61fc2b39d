// A language model that runs behind a cache: a prompt, or a token at a time, as fused nodes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/language/generation_state.h"
#include "models/language/weights.h"

namespace flopmeter::models {

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
