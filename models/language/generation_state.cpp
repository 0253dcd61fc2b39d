#include "models/language/generation_state.h"

#include "counters/op_counts.h"

namespace flopmeter::models {
namespace {

generation::CacheShape cache_shape(const Transformer& t, std::int64_t batch, std::int64_t capacity,
                                   generation::CacheType type) {
  return {batch, t.kv_heads, capacity, t.head_size, t.value_size, type};
}

}  // namespace

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

}  // namespace flopmeter::models
