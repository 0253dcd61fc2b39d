#include "kernels/generation/cache.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "counters/op_counts.h"
#include "kernels/generation/lanes.h"

namespace flopmeter::generation {
namespace {

CacheShape rounded(CacheShape shape) {
  constexpr std::int64_t unit = KeyValueCache::together;
  shape.capacity = (shape.capacity + unit - 1) / unit * unit;
  return shape;
}

}  // namespace

std::int64_t CacheShape::bytes() const {
  return checked_product(batch, rounded(*this).capacity, token_bytes());
}

KeyValueCache::KeyValueCache(CacheShape shape) : shape_(rounded(shape)) {
  const std::int64_t tokens = checked_product(shape_.batch, shape_.heads, shape_.capacity);
  keys_ = Memory(checked_product(tokens, shape_.key_size, shape_.element_bytes()));
  values_ = Memory(checked_product(tokens, shape_.value_stride(), shape_.element_bytes()));
}

std::int64_t KeyValueCache::key_at(std::int64_t sequence, std::int64_t head,
                                   std::int64_t position) const {
  const std::int64_t first = (sequence * shape_.heads + head) * shape_.capacity;
  return (first + position / together * together) * shape_.key_size + position % together;
}

std::int64_t KeyValueCache::value_at(std::int64_t sequence, std::int64_t head,
                                     std::int64_t position) const {
  return ((sequence * shape_.heads + head) * shape_.capacity + position) * shape_.value_stride();
}

void KeyValueCache::put(Memory& memory, std::int64_t element, float value) {
  if (shape_.type == CacheType::f32) {
    std::memcpy(memory.data() + 4 * element, &value, sizeof value);
  } else {
    const std::uint16_t bits = bf16_of(value);
    std::memcpy(memory.data() + 2 * element, &bits, sizeof bits);
  }
}

void KeyValueCache::append(std::int64_t sequence, std::int64_t head, std::int64_t position,
                           const float* key, const float* value) {
  const std::int64_t keys = key_at(sequence, head, position);
  for (std::int64_t i = 0; i < shape_.key_size; ++i) {
    put(keys_, keys + i * together, key[i]);
  }
  const std::int64_t values = value_at(sequence, head, position);
  for (std::int64_t i = 0; i < shape_.value_size; ++i) {
    put(values_, values + i, value[i]);
  }
}

void KeyValueCache::draw(std::int64_t count, std::uint64_t seed) {
  std::vector<float> numbers(static_cast<std::size_t>(shape_.key_size + shape_.value_size));
  for (std::int64_t b = 0; b < shape_.batch; ++b) {
    for (std::int64_t h = 0; h < shape_.heads; ++h) {
      for (std::int64_t p = 0; p < std::min(count, shape_.capacity); ++p) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        std::uint64_t state = seed;
        for (float& number : numbers) {
          state = state * 6364136223846793005U + 1442695040888963407U;
          number = static_cast<float>(state >> 40U) * 0x1p-23F - 1;
        }
        append(b, h, p, numbers.data(), numbers.data() + shape_.key_size);
      }
    }
  }
}

const std::byte* KeyValueCache::keys(std::int64_t sequence, std::int64_t head,
                                     std::int64_t position) const {
  return keys_.data() + shape_.element_bytes() * key_at(sequence, head, position);
}

const std::byte* KeyValueCache::value(std::int64_t sequence, std::int64_t head,
                                      std::int64_t position) const {
  return values_.data() + shape_.element_bytes() * value_at(sequence, head, position);
}

}  // namespace flopmeter::generation
