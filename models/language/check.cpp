#include "models/language/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/agreement.h"
#include "models/chain/random_numbers.h"
#include "models/chain/truth.h"
#include "models/language/plain_network.h"

namespace flopmeter::models {
namespace {

constexpr std::int64_t most_macs = 20'000'000'000;  // of products in double: some seconds
constexpr std::int64_t most_positions = 192;        // scores are plain loops
constexpr std::int64_t fewest_positions = 12;
constexpr std::int64_t one_by_one = 3;
/// Of keys and values that are stored in bf16: one roundoff each, and as much again for what softmax makes of it.
constexpr double roundings = 4;

std::int64_t weights_of(const BlockWeights& block) {
  std::int64_t count = 0;
  for (const LinearWeights* w :
       {&block.q, &block.k, &block.v, &block.o, &block.gate, &block.up, &block.down}) {
    count += w->matrix.rows * w->matrix.columns;
  }
  return count;
}

struct Extent {
  std::int64_t layers, positions;
};

/// All layers if they can be had with a few positions, else as many layers as can.
Extent extent_of(const LanguageWeights& weights, std::int64_t positions) {
  const auto layers = static_cast<std::int64_t>(weights.blocks.size());
  const std::int64_t head = weights.head.matrix.rows * weights.head.matrix.columns;
  const std::int64_t block = std::max<std::int64_t>(1, weights_of(weights.blocks.front()));
  const std::int64_t wanted = std::clamp(positions, fewest_positions, most_positions);
  const std::int64_t fitting = most_macs / (head + layers * block);
  if (fitting >= fewest_positions) {
    return {layers, std::min(wanted, fitting)};
  }
  const std::int64_t of_blocks = most_macs / fewest_positions - head;
  return {std::clamp<std::int64_t>(of_blocks / block, 1, layers), fewest_positions};
}

class Check {
 public:
  Check(const LanguageModel& model, const LanguageWeights& weights, const Extent& extent,
        generation::CacheType type, int threads)
      : model_(model),
        weights_(weights),
        ids_(drawn_tokens(model.transformer.vocabulary, extent.positions)),
        threads_(threads),
        state_(model, extent.layers, 1, extent.positions, type),
        truth_(evaluate(plain_network(model, weights, ids_), Dtype::f32, threads).front()) {
    if (type == generation::CacheType::bf16) {
      const double stored = 2 * static_cast<double>(extent.layers);
      truth_.absolute +=
          roundings * unit_roundoff(Dtype::bf16) * std::sqrt(stored) * truth_.largest;
    }
  }

  /// Tokens from <= i < to.
  void pass(std::int64_t from, std::int64_t to) {
    Generator generator(model_, weights_, state_, {1, to - from, from}, threads_);
    generator.set_tokens(std::span(ids_).subspan(static_cast<std::size_t>(from),
                                                 static_cast<std::size_t>(to - from)));
    generator.run();
    const auto logits = generator.logits();
    const std::span<const double> truth =
        std::span(truth_.values)
            .subspan(static_cast<std::size_t>(to - 1) * logits.size(), logits.size());
    const Agreement agreement = check_agreement(logits, truth, {truth_.absolute, 0});
    results.push_back({fmt::format("logits behind {} tokens", to), agreement.max_error,
                       agreement.tolerance, truth_.largest, agreement.passed && !agreement.trivial,
                       agreement.trivial ? "they are one number everywhere" : agreement.reason});
  }

  std::vector<LogitAgreement> results;

 private:
  const LanguageModel& model_;
  const LanguageWeights& weights_;
  std::vector<std::int64_t> ids_;
  int threads_;
  GenerationState state_;
  TrueResult truth_;
};

std::string scope_of(const LanguageModel& model, const Extent& extent, std::int64_t asked) {
  const bool all = extent.layers == model.transformer.layers;
  return fmt::format(
      "checked: {} of {} layers and the output, {} tokens as a prompt in two pieces and {} one by "
      "one, against plain layers in double without a cache{}{}",
      extent.layers, model.transformer.layers, extent.positions - one_by_one, one_by_one,
      all ? ""
          : "; the other layers run the same code, their evaluation in double would take too long",
      extent.positions < asked ? fmt::format("; depths beyond {} are not checked", extent.positions)
                               : "");
}

}  // namespace

std::vector<std::int64_t> drawn_tokens(std::int64_t vocabulary, std::int64_t count) {
  const std::vector<float> drawn = random_numbers("tokens", 1, count, {0, 1, vocabulary});
  return {drawn.begin(), drawn.end()};
}

LanguageCheck check_language(const LanguageModel& model, const LanguageWeights& weights,
                             std::int64_t positions, generation::CacheType type, int threads) {
  Extent extent = extent_of(weights, positions);
  if (model.transformer.positions == Positions::learned) {
    extent.positions = std::min(extent.positions, model.transformer.positions_stored);
  }
  LanguageWeights fewer = weights;
  fewer.blocks.resize(static_cast<std::size_t>(extent.layers));
  Check check(model, fewer, extent, type, threads);
  const std::int64_t prompt = std::max<std::int64_t>(1, extent.positions - one_by_one);
  const std::int64_t first = (prompt + 1) / 2;
  check.pass(0, first);
  if (prompt > first) {
    check.pass(first, prompt);
  }
  for (std::int64_t i = prompt; i < extent.positions; ++i) {
    check.pass(i, i + 1);
  }
  return {std::move(check.results), scope_of(model, extent, positions)};
}

}  // namespace flopmeter::models
