// out = softmax(q k^T * scale) v of new tokens over a cache that has their keys and values already.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/generation/cache.h"
#include "kernels/operand.h"

namespace flopmeter::generation {

/// `tokens` new ones behind `past`, of each sequence of the cache: token t sees positions up to past + t, with a
/// window of w the last w of them alone. `heads` of the queries share the cache's heads in groups. A soft cap c makes
/// scores c * tanh(score / c); sinks are scores, one a head, that no value belongs to.
struct AttendShape {
  std::int64_t tokens = 1, past = 0, heads = 1, window = 0;
  float scale = 1, softcap = 0;
  const float* sinks = nullptr;
};

/// Scores live for 128 keys and 8 queries at a time (Dao et al. 2022, "FlashAttention"): maximum and sum of the softmax
/// are corrected as they grow. Where there are fewer heads than threads, the keys of a head are divided as well.
class Attend {
 public:
  /// Queries and results row by row: (sequence, token) x heads x size.
  Attend(const KeyValueCache& cache, const AttendShape& shape, const float* queries, float* results,
         int threads);

  void run();

  /// Bytes of keys and values that the queries see, each once.
  std::int64_t cache_bytes() const;

 private:
  static constexpr std::int64_t tile = 8;  // queries

  struct Unit {
    std::int64_t sequence, head, first, count;  // queries of the head: token * group + place in it
  };
  struct Partial {
    float largest[tile], sum[tile];
    AlignedVector<float> values;  // not divided by the sum, count x value_stride
  };
  struct Range {
    std::int64_t from, to;
  };

  Range keys_of(std::int64_t token) const;
  Range keys_of(const Unit& unit) const;
  void run_part(std::size_t part);
  template <class E>
  void run_keys(const Unit& unit, Range keys, Partial& partial) const;
  void merge(std::size_t unit);
  const float* query(const Unit& unit, std::int64_t i) const;

  const KeyValueCache& cache_;
  AttendShape shape_;
  const float* queries_;
  float* results_;
  int threads_;
  std::int64_t group_;
  std::int64_t splits_ = 1;
  std::vector<Unit> units_;
  std::vector<Partial> partials_;  // of each unit, split by split
};

}  // namespace flopmeter::generation
