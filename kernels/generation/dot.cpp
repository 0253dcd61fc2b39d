#include "kernels/generation/dot.h"

#include <array>

#include "kernels/generation/lanes.h"
#include "kernels/generation/nested_scales.h"

namespace flopmeter::generation {
namespace {

template <int R>
using Sums = std::array<Floats, R>;

/// Asks for what comes later: prefetchers of the CPU begin anew at every page, and read less far ahead than
/// memory takes. Addresses behind the end are no fault.
inline void ask_ahead(const std::byte* w) { __builtin_prefetch(w + 1024); }

struct F32 {
  static constexpr std::int64_t bytes = 4;
  static Floats numbers(const std::byte* w) { return load<Floats>(w); }
  static float number(const std::byte* w) { return load<float>(w); }
};

struct Bf16 {
  static constexpr std::int64_t bytes = 2;
  static Floats numbers(const std::byte* w) { return floats_of_bf16(w); }
  static float number(const std::byte* w) { return float_of_bf16(load<std::uint16_t>(w)); }
};

struct F16 {
  static constexpr std::int64_t bytes = 2;
  static Floats numbers(const std::byte* w) { return floats_of_f16(w); }
  static float number(const std::byte* w) { return float_of_f16(w); }
};

/// Numbers without blocks; what is left over one by one.
template <class Stored, int R>
void dot_plain(const std::byte* const* w, const float* x, const float*, std::int64_t n, float* y) {
  // So many sums that none waits for the one before.
  constexpr int parts = R == 1 ? 4 : 2;
  std::array<Sums<R>, parts> sums{};
  std::int64_t i = 0;
  for (; i + parts * lanes <= n; i += parts * lanes) {
    for (int p = 0; p < parts; ++p) {
      const Floats v = floats(x + i + p * lanes);
      for (int r = 0; r < R; ++r) {
        sums[static_cast<std::size_t>(p)][static_cast<std::size_t>(r)] +=
            Stored::numbers(w[r] + Stored::bytes * (i + p * lanes)) * v;
      }
    }
    for (int r = 0; r < R; ++r) {
      ask_ahead(w[r] + Stored::bytes * i);
    }
  }
  for (int r = 0; r < R; ++r) {
    Floats sum = sums[0][static_cast<std::size_t>(r)];
    for (std::size_t p = 1; p < parts; ++p) {
      sum += sums[p][static_cast<std::size_t>(r)];
    }
    y[r] = sum_of(sum);
    for (std::int64_t k = i; k < n; ++k) {
      y[r] += Stored::number(w[r] + Stored::bytes * k) * x[k];
    }
  }
}

template <int R>
void dot_q8_0(const std::byte* const* w, const float* x, const float*, std::int64_t n, float* y) {
  Sums<R> sums{};
  for (std::int64_t i = 0; i < n; i += 32) {
    for (int r = 0; r < R; ++r) {
      const std::byte* block = w[r] + i / 32 * 34;
      Floats part = floats_of_signed_bytes(block + 2) * floats(x + i);
      for (int k = lanes; k < 32; k += lanes) {
        part += floats_of_signed_bytes(block + 2 + k) * floats(x + i + k);
      }
      sums[static_cast<std::size_t>(r)] += part * float_of_f16(block);
      ask_ahead(block);
    }
  }
  for (int r = 0; r < R; ++r) {
    y[r] = sum_of(sums[static_cast<std::size_t>(r)]);
  }
}

/// The 8 that stands for 0 is taken off with the sums of x.
template <int R>
void dot_q4_0(const std::byte* const* w, const float* x, const float* of_x, std::int64_t n,
              float* y) {
  Sums<R> sums{};
  std::array<float, R> shifts{};
  for (std::int64_t i = 0; i < n; i += 32) {
    for (int r = 0; r < R; ++r) {
      const std::byte* block = w[r] + i / 32 * 18;
      Floats part{};
      for (int k = 0; k < 16; k += lanes) {
        const Words codes = words_of_bytes(block + 2 + k);
        part += floats_of(codes & 15U) * floats(x + i + k);
        part += floats_of(codes >> 4U) * floats(x + i + 16 + k);
      }
      const float d = float_of_f16(block);
      sums[static_cast<std::size_t>(r)] += part * d;
      shifts[static_cast<std::size_t>(r)] += d * of_x[i / 32];
      ask_ahead(block);
    }
  }
  for (int r = 0; r < R; ++r) {
    y[r] = sum_of(sums[static_cast<std::size_t>(r)]) - 8 * shifts[static_cast<std::size_t>(r)];
  }
}

/// 256 numbers of a row, without what stands for 0; `least` is that.
Floats block_q4_k(const std::byte* block, const float* x, const float* of_x, float& least) {
  const SmallScales scales = small_scales(block + 4);
  Floats part{};
  float sum = 0;
  for (std::size_t b = 0; b < 8; b += 2) {
    const auto place = static_cast<std::int64_t>(b) * 16;
    const float* first = x + 2 * place;
    Floats low{};
    Floats high{};
    for (int i = 0; i < 32; i += lanes) {
      const Words codes = words_of_bytes(block + 16 + place + i);
      low += floats_of(codes & 15U) * floats(first + i);
      high += floats_of(codes >> 4U) * floats(first + 32 + i);
    }
    part += scales.s[b] * low;
    part += scales.s[b + 1] * high;
    sum += scales.t[b] * of_x[b] + scales.t[b + 1] * of_x[b + 1];
  }
  least += float_of_f16(block + 2) * sum;
  return float_of_f16(block) * part;
}

template <int R>
void dot_q4_k(const std::byte* const* w, const float* x, const float* of_x, std::int64_t n,
              float* y) {
  Sums<R> sums{};
  std::array<float, R> least{};
  for (std::int64_t i = 0; i < n; i += 256) {
    for (std::size_t r = 0; r < R; ++r) {
      const std::byte* block = w[r] + i / 256 * 144;
      sums[r] += block_q4_k(block, x + i, of_x + i / 32, least[r]);
      ask_ahead(block);
      ask_ahead(block + 64);
    }
  }
  for (std::size_t r = 0; r < R; ++r) {
    y[r] = sum_of(sums[r]) - least[r];
  }
}

/// 32 numbers that share a part of the pairs, two scales.
Floats part_q6_k(const std::byte* low, const std::byte* high, unsigned part, const std::byte* s,
                 const float* x) {
  Floats sum{};
  for (int i = 0; i < 32; i += lanes) {
    const Words l = words_of_bytes(low + i) >> (part < 2 ? 0U : 4U);
    const Words h = words_of_bytes(high + i) >> (2 * part);
    const Floats codes = floats_of((l & 15U) | ((h & 3U) << 4U)) - 32.0F;
    const auto scale = static_cast<float>(static_cast<std::int8_t>(s[i / 16]));
    sum += scale * (codes * floats(x + i));
  }
  return sum;
}

template <int R>
void dot_q6_k(const std::byte* const* w, const float* x, const float*, std::int64_t n, float* y) {
  Sums<R> sums{};
  for (std::int64_t i = 0; i < n; i += 256) {
    for (std::size_t r = 0; r < R; ++r) {
      const std::byte* block = w[r] + i / 256 * 210;
      Floats all{};
      for (unsigned part = 0; part < 8; ++part) {
        const unsigned half = part / 4;
        all += part_q6_k(block + 64 * half + part % 2 * 32, block + 128 + 32 * half, part % 4,
                         block + 192 + 2 * part, x + i + 32 * part);
      }
      sums[r] += float_of_f16(block + 208) * all;
    }
  }
  for (std::size_t r = 0; r < R; ++r) {
    y[r] = sum_of(sums[r]);
  }
}

template <int R>
constexpr std::array<Dot, 7> dots{dot_plain<F32, R>, dot_plain<F16, R>, dot_plain<Bf16, R>,
                                  dot_q8_0<R>,       dot_q4_0<R>,       dot_q4_k<R>,
                                  dot_q6_k<R>};

}  // namespace

void sums_of_blocks(const float* x, std::int64_t n, float* sums) {
  for (std::int64_t b = 0; b < n / 32; ++b) {
    Floats sum = floats(x + 32 * b);
    for (int i = lanes; i < 32; i += lanes) {
      sum += floats(x + 32 * b + i);
    }
    sums[b] = sum_of(sum);
  }
}

Dot dot_of_one(Format format) { return dots<1>.at(static_cast<std::size_t>(format)); }

Dot dot_of_several(Format format) { return dots<dot_rows>.at(static_cast<std::size_t>(format)); }

}  // namespace flopmeter::generation
