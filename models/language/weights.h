// The weights of a language model as they are read in a run.
#pragma once

#include <optional>
#include <vector>

#include "kernels/generation/format.h"
#include "kernels/generation/memory.h"
#include "models/language/description.h"

namespace flopmeter::models {

/// One a feature; `shift` is empty where the norm has none, both where there is no such norm.
struct NormWeights {
  std::vector<float> scale, shift;
};

/// Rows are outputs; no bias: empty.
struct LinearWeights {
  generation::Matrix matrix;
  std::vector<float> bias;
};

struct BlockWeights {
  NormWeights attention_norm, attention_norm_after, q_norm, k_norm, ffn_norm, ffn_norm_after;
  LinearWeights q, k, v, o, gate, up, down;
  std::vector<float> sinks;
};

struct LanguageWeights {
  generation::Matrix embedding, positions;
  std::vector<BlockWeights> blocks;
  NormWeights norm;
  LinearWeights head;
  bool random = false;     // drawn, not the file's
  std::string stored;      // "q8_0", "q4_k, q6_k, f32": of matrices
  std::int64_t bytes = 0;  // of all, as they are stored, the head once where it is the embedding
  std::int64_t made_bytes = 0;             // of them in memory of our own
  std::vector<generation::Memory> memory;  // that these lie in
};

/// How many bytes they will have, before anything is made. `format`: what weights that are drawn are stored in, and
/// those of a file in f32, f16 or bf16; none: as the file has them, else f32. `layers`: the first so many. Throws
/// BadInput naming a tensor that is missing, has other dimensions or a type that does not run.
std::int64_t weight_bytes(const LanguageModel& model, std::optional<generation::Format> format,
                          std::int64_t layers);

/// All of them without their numbers: what a run of them would read is known, it cannot be run.
LanguageWeights planned_weights(const LanguageModel& model,
                                std::optional<generation::Format> format, std::int64_t layers);

/// The same, made: those of a file stay where they are unless they are to be of another format.
LanguageWeights make_weights(const LanguageModel& model, std::optional<generation::Format> format,
                             std::int64_t layers);

}  // namespace flopmeter::models
