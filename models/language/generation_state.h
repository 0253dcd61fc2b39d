// What a pass of a language model leaves for the next one.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/generation/cache.h"
#include "kernels/generation/rows.h"
#include "models/language/description.h"

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

}  // namespace flopmeter::models
