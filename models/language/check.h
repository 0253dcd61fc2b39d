// Whether a language model that runs behind its cache computes what the model without one does.
#pragma once

#include <string>
#include <vector>

#include "models/language/generator.h"

namespace flopmeter::models {

/// Logits behind one of the tokens against the same model as plain layers in double.
struct LogitAgreement {
  std::string name;  // "logits behind 12 tokens"
  double max_error = 0, tolerance = 0, largest = 0;
  bool agrees = false;
  std::string reason = {};
};

struct LanguageCheck {
  std::vector<LogitAgreement> results;
  std::string scope;  // "all 22 layers, 32 tokens: ..."
};

/// A prompt in two pieces and then tokens one by one, each behind the cache that those before have left, with the
/// weights that a run has. `positions` at the most, and so many layers as the evaluation in double can take in some
/// seconds; the scope says what was left out.
LanguageCheck check_language(const LanguageModel& model, const LanguageWeights& weights,
                             std::int64_t positions, generation::CacheType type, int threads);

/// A token for each position, from a seed.
std::vector<std::int64_t> drawn_tokens(std::int64_t vocabulary, std::int64_t count);

}  // namespace flopmeter::models
