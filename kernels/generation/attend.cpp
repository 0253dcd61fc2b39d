#include "kernels/generation/attend.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/eigen/share.h"
#include "kernels/generation/lanes.h"

namespace flopmeter::generation {
namespace {

constexpr std::int64_t together = KeyValueCache::together;
constexpr std::int64_t chunk = 128;  // keys whose scores live at once
constexpr float nothing = -std::numeric_limits<float>::infinity();

Floats numbers(const float* from) { return floats(from); }
Floats numbers(const std::uint16_t* from) { return floats_of_bf16(from); }

void store(const Floats& v, float* to) { std::memcpy(to, &v, sizeof v); }

/// Scores of N queries and 16 keys: s[n, 0..16] = sum_i q[n, i] * k[i, 0..16]
template <class E, int N>
void score(const E* keys, std::int64_t size, const float* const* q, float* s) {
  for (int v = 0; v < together; v += lanes) {
    std::array<Floats, N> sums{};
    for (std::int64_t i = 0; i < size; ++i) {
      const Floats k = numbers(keys + i * together + v);
      for (std::size_t n = 0; n < N; ++n) {
        sums[n] += q[n][i] * k;
      }
    }
    for (std::size_t n = 0; n < N; ++n) {
      store(sums[n], s + static_cast<std::int64_t>(n) * chunk + v);
    }
  }
}

/// y[n, 0..C lanes] += sum_j p[n, j] * v[j, 0..C lanes]
template <class E, int N, int C>
void weigh(const E* values, std::int64_t stride, std::int64_t keys, const float* p, float* y) {
  std::array<std::array<Floats, C>, N> sums;
  for (std::size_t n = 0; n < N; ++n) {
    for (std::size_t c = 0; c < C; ++c) {
      sums[n][c] =
          floats(y + static_cast<std::int64_t>(n) * stride + static_cast<std::int64_t>(c) * lanes);
    }
  }
  for (std::int64_t j = 0; j < keys; ++j, values += stride) {
    for (std::size_t c = 0; c < C; ++c) {
      const Floats v = numbers(values + static_cast<std::int64_t>(c) * lanes);
      for (std::size_t n = 0; n < N; ++n) {
        sums[n][c] += p[static_cast<std::int64_t>(n) * chunk + j] * v;
      }
    }
  }
  for (std::size_t n = 0; n < N; ++n) {
    for (std::size_t c = 0; c < C; ++c) {
      store(sums[n][c],
            y + static_cast<std::int64_t>(n) * stride + static_cast<std::int64_t>(c) * lanes);
    }
  }
}

/// All of a value, so many vectors of results at a time as registers hold.
template <class E, int N>
void weigh_all(const E* values, std::int64_t stride, std::int64_t keys, const float* p, float* y) {
  constexpr int at_once = lanes == 16 ? 4 : 2;
  std::int64_t at = 0;
  for (; at + at_once * lanes <= stride; at += at_once * lanes) {
    weigh<E, N, at_once>(values + at, stride, keys, p, y + at);
  }
  for (; at < stride; at += lanes) {
    weigh<E, N, 1>(values + at, stride, keys, p, y + at);
  }
}

/// Calls work(first, integral constant) for groups of at most `Most` that make up `count`.
template <int Most, class Work>
void in_groups(std::int64_t count, const Work& work) {
  std::int64_t at = 0;
  if constexpr (Most >= 8) {
    for (; at + 8 <= count; at += 8) {
      work(at, std::integral_constant<int, 8>());
    }
  }
  for (; at + 4 <= count; at += 4) {
    work(at, std::integral_constant<int, 4>());
  }
  for (; at + 2 <= count; at += 2) {
    work(at, std::integral_constant<int, 2>());
  }
  for (; at < count; ++at) {
    work(at, std::integral_constant<int, 1>());
  }
}

using Row = Eigen::Map<Eigen::ArrayXf>;

}  // namespace

Attend::Attend(const KeyValueCache& cache, const AttendShape& shape, const float* queries,
               float* results, int threads)
    : cache_(cache),
      shape_(shape),
      queries_(queries),
      results_(results),
      threads_(threads),
      group_(shape.heads / cache.shape().heads) {
  const CacheShape& of = cache.shape();
  const std::int64_t all = shape.tokens * group_;
  for (std::int64_t first = 0; first < all; first += tile) {
    for (std::int64_t b = 0; b < of.batch; ++b) {
      for (std::int64_t h = 0; h < of.heads; ++h) {
        units_.push_back({b, h, first, std::min(tile, all - first)});
      }
    }
  }
  const auto units = static_cast<std::int64_t>(units_.size());
  splits_ = std::max<std::int64_t>(1, (threads + units - 1) / units);
  partials_.resize(units_.size() * static_cast<std::size_t>(splits_));
  for (std::size_t i = 0; i < partials_.size(); ++i) {
    partials_[i].values.resize(static_cast<std::size_t>(tile * of.value_stride()));
  }
}

Attend::Range Attend::keys_of(std::int64_t token) const {
  const std::int64_t position = shape_.past + token;
  return {shape_.window > 0 ? std::max<std::int64_t>(0, position - shape_.window + 1) : 0,
          position + 1};
}

Attend::Range Attend::keys_of(const Unit& unit) const {
  return {keys_of(unit.first / group_).from, keys_of((unit.first + unit.count - 1) / group_).to};
}

std::int64_t Attend::cache_bytes() const {
  const Range seen{keys_of(0).from, keys_of(shape_.tokens - 1).to};
  return cache_.shape().batch * (seen.to - seen.from) * cache_.shape().token_bytes();
}

const float* Attend::query(const Unit& unit, std::int64_t i) const {
  const std::int64_t q = unit.first + i;
  const std::int64_t row = unit.sequence * shape_.tokens + q / group_;
  return queries_ +
         (row * shape_.heads + unit.head * group_ + q % group_) * cache_.shape().key_size;
}

template <class E>
void Attend::run_keys(const Unit& unit, Range keys, Partial& partial) const {
  const CacheShape& of = cache_.shape();
  alignas(64) std::array<float, tile * chunk> scores;
  std::array<const float*, tile> q{};
  for (std::int64_t i = 0; i < unit.count; ++i) {
    q[static_cast<std::size_t>(i)] = query(unit, i);
  }
  for (std::int64_t at = keys.from / together * together; at < keys.to; at += chunk) {
    const std::int64_t end = std::min(at + chunk, keys.to);
    const std::int64_t blocks = (end - at + together - 1) / together;
    for (std::int64_t b = 0; b < blocks; ++b) {
      const auto* k =
          reinterpret_cast<const E*>(cache_.keys(unit.sequence, unit.head, at + b * together));
      in_groups<8>(unit.count, [&](std::int64_t n, auto count) {
        score<E, decltype(count)::value>(k, of.key_size, q.data() + n,
                                         scores.data() + n * chunk + b * together);
      });
    }
    for (std::int64_t n = 0; n < unit.count; ++n) {
      const auto place = static_cast<std::size_t>(n);
      const Range seen = keys_of((unit.first + n) / group_);
      Row s(scores.data() + n * chunk, end - at);
      s *= shape_.scale;
      if (shape_.softcap > 0) {
        s = shape_.softcap * (s / shape_.softcap).tanh();
      }
      const std::int64_t from =
          std::clamp<std::int64_t>(std::max(seen.from, keys.from) - at, 0, end - at);
      const std::int64_t to = std::clamp<std::int64_t>(seen.to - at, from, end - at);
      s.head(from).setConstant(nothing);
      s.tail(end - at - to).setConstant(nothing);
      const float largest = std::max(partial.largest[place],
                                     to > from ? s.segment(from, to - from).maxCoeff() : nothing);
      if (largest == nothing) {
        s.setZero();
        continue;
      }
      const float shrink = std::exp(partial.largest[place] - largest);
      s = (s - largest).exp();
      s.head(from).setZero();
      s.tail(end - at - to).setZero();
      partial.sum[place] = partial.sum[place] * shrink + s.sum();
      partial.largest[place] = largest;
      Row(partial.values.data() + n * of.value_stride(), of.value_stride()) *= shrink;
    }
    const auto* v = reinterpret_cast<const E*>(cache_.value(unit.sequence, unit.head, at));
    in_groups<4>(unit.count, [&](std::int64_t n, auto count) {
      weigh_all<E, decltype(count)::value>(v, of.value_stride(), end - at,
                                           scores.data() + n * chunk,
                                           partial.values.data() + n * of.value_stride());
    });
  }
}

void Attend::run_part(std::size_t part) {
  const auto splits = static_cast<std::size_t>(splits_);
  const Unit& unit = units_[part / splits];
  const auto split = static_cast<std::int64_t>(part % splits);
  Partial& partial = partials_[part];
  std::fill(partial.values.begin(), partial.values.end(), 0.0F);
  for (std::int64_t n = 0; n < unit.count; ++n) {
    const auto place = static_cast<std::size_t>(n);
    const bool sink = shape_.sinks != nullptr && split == 0;
    partial.largest[place] =
        sink ? shape_.sinks[unit.head * group_ + (unit.first + n) % group_] : nothing;
    partial.sum[place] = sink ? 1 : 0;
  }
  // Parts begin where 16 keys do.
  const Range all = keys_of(unit);
  const std::int64_t first = all.from / together;
  const std::int64_t blocks = (all.to + together - 1) / together - first;
  const Range keys{std::max(all.from, (first + blocks * split / splits_) * together),
                   std::min(all.to, (first + blocks * (split + 1) / splits_) * together)};
  if (cache_.shape().type == CacheType::f32) {
    run_keys<float>(unit, keys, partial);
  } else {
    run_keys<std::uint16_t>(unit, keys, partial);
  }
}

/// The parts' sums, each corrected to the largest of all scores.
void Attend::merge(std::size_t at) {
  const Unit& unit = units_[at];
  const CacheShape& of = cache_.shape();
  const auto splits = static_cast<std::size_t>(splits_);
  const Partial* parts = partials_.data() + at * splits;
  for (std::int64_t n = 0; n < unit.count; ++n) {
    const auto place = static_cast<std::size_t>(n);
    float largest = nothing;
    for (std::size_t s = 0; s < splits; ++s) {
      largest = std::max(largest, parts[s].largest[place]);
    }
    const std::int64_t q = unit.first + n;
    Row result(results_ + ((unit.sequence * shape_.tokens + q / group_) * shape_.heads +
                           unit.head * group_ + q % group_) *
                              of.value_size,
               of.value_size);
    result.setZero();
    float sum = 0;
    for (std::size_t s = 0; s < splits; ++s) {
      const float factor = std::exp(parts[s].largest[place] - largest);
      sum += factor * parts[s].sum[place];
      result += factor * Eigen::Map<const Eigen::ArrayXf>(
                             parts[s].values.data() + n * of.value_stride(), of.value_size);
    }
    result /= sum;
  }
}

void Attend::run() {
  const auto merge_after = splits_ > 1;
  eigen::share(static_cast<std::int64_t>(partials_.size()), threads_, [&](std::int64_t part) {
    run_part(static_cast<std::size_t>(part));
    if (!merge_after) {
      merge(static_cast<std::size_t>(part));
    }
  });
  if (merge_after) {
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      merge(unit);
    }
  }
}

}  // namespace flopmeter::generation
