// The keys and values of the tokens so far, one layer: what a step appends to, and what it attends over.
#pragma once

#include <cstdint>

#include "kernels/generation/memory.h"

namespace flopmeter::generation {

enum class CacheType { f32, bf16 };

/// Of each head of keys and values, in each of `batch` sequences, room for `capacity` tokens.
struct CacheShape {
  std::int64_t batch = 1, heads = 1, capacity = 0, key_size = 0, value_size = 0;
  CacheType type = CacheType::f32;

  std::int64_t element_bytes() const { return type == CacheType::f32 ? 4 : 2; }
  /// Values are as long as vectors of 16, with zeros behind.
  std::int64_t value_stride() const { return (value_size + 15) / 16 * 16; }
  /// Bytes of one token in all heads of one sequence.
  std::int64_t token_bytes() const { return heads * (key_size + value_stride()) * element_bytes(); }
  std::int64_t bytes() const;
};

/// Keys of 16 tokens lie side by side, feature by feature, so that their scores are made in one vector; values token
/// by token. A step writes its own tokens alone; nothing is copied, however long the past is.
class KeyValueCache {
 public:
  static constexpr std::int64_t together = 16;  // tokens

  /// The capacity becomes a multiple of 16. All zeros.
  explicit KeyValueCache(CacheShape shape);

  const CacheShape& shape() const { return shape_; }

  /// Writes the key and value of one head at a position below the capacity.
  void append(std::int64_t sequence, std::int64_t head, std::int64_t position, const float* key,
              const float* value);
  /// Positions from 0 to below `count` get numbers from the seed, for timing at that depth.
  void draw(std::int64_t count, std::uint64_t seed);

  /// Of a head: keys of the 16 tokens from `position` on (a multiple of 16), key_size x 16; the value of a token.
  const std::byte* keys(std::int64_t sequence, std::int64_t head, std::int64_t position) const;
  const std::byte* value(std::int64_t sequence, std::int64_t head, std::int64_t position) const;

 private:
  std::int64_t key_at(std::int64_t sequence, std::int64_t head, std::int64_t position) const;
  std::int64_t value_at(std::int64_t sequence, std::int64_t head, std::int64_t position) const;
  void put(Memory& memory, std::int64_t element, float value);

  CacheShape shape_;
  Memory keys_, values_;
};

}  // namespace flopmeter::generation
