#include "kernels/generation/dot.h"

#include <array>

#include "kernels/generation/lanes.h"
#include "kernels/generation/nested_scales.h"

namespace flopmeter::generation {
namespace {

/// Four sums at a time, so that none waits for the one before; what is left over number by number.
template <class Numbers, class Number>
float dot_in_lanes(std::int64_t n, const float* x, const Numbers& numbers, const Number& number) {
  std::array<Floats, 4> sums{};
  std::int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    sums[0] += numbers(i) * floats(x + i);
    sums[1] += numbers(i + lanes) * floats(x + i + lanes);
    sums[2] += numbers(i + 2 * lanes) * floats(x + i + 2 * lanes);
    sums[3] += numbers(i + 3 * lanes) * floats(x + i + 3 * lanes);
  }
  float sum = sum_of((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; i < n; ++i) {
    sum += number(i) * x[i];
  }
  return sum;
}

float dot_f32(const std::byte* w, const float* x, const float*, std::int64_t n) {
  return dot_in_lanes(
      n, x, [w](std::int64_t i) { return load<Floats>(w + 4 * i); },
      [w](std::int64_t i) { return load<float>(w + 4 * i); });
}

float dot_bf16(const std::byte* w, const float* x, const float*, std::int64_t n) {
  return dot_in_lanes(
      n, x, [w](std::int64_t i) { return floats_of_bf16(w + 2 * i); },
      [w](std::int64_t i) { return float_of_bf16(load<std::uint16_t>(w + 2 * i)); });
}

float dot_f16(const std::byte* w, const float* x, const float*, std::int64_t n) {
  return dot_in_lanes(
      n, x, [w](std::int64_t i) { return floats_of_f16(w + 2 * i); },
      [w](std::int64_t i) { return float_of_f16(w + 2 * i); });
}

Floats block_q8_0(const std::byte* block, const float* x) {
  Floats sum = floats_of_signed_bytes(block + 2) * floats(x);
  for (int i = lanes; i < 32; i += lanes) {
    sum += floats_of_signed_bytes(block + 2 + i) * floats(x + i);
  }
  return sum * float_of_f16(block);
}

Floats block_q4_0(const std::byte* block, const float* x) {
  Floats sum{};
  for (int i = 0; i < 16; i += lanes) {
    const Words codes = words_of_bytes(block + 2 + i);
    sum += floats_of(codes & 15U) * floats(x + i);
    sum += floats_of(codes >> 4U) * floats(x + 16 + i);
  }
  return sum * float_of_f16(block);
}

float dot_q8_0(const std::byte* w, const float* x, const float*, std::int64_t n) {
  std::array<Floats, 4> sums{};
  std::int64_t i = 0;
  for (; i + 128 <= n; i += 128, w += 4L * 34) {
    sums[0] += block_q8_0(w, x + i);
    sums[1] += block_q8_0(w + 34, x + i + 32);
    sums[2] += block_q8_0(w + 68, x + i + 64);
    sums[3] += block_q8_0(w + 102, x + i + 96);
  }
  for (; i < n; i += 32, w += 34) {
    sums[0] += block_q8_0(w, x + i);
  }
  return sum_of((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// The 8 that stands for 0 is taken off with the sums of x.
float dot_q4_0(const std::byte* w, const float* x, const float* of_x, std::int64_t n) {
  std::array<Floats, 4> sums{};
  float shift = 0;
  std::int64_t i = 0;
  const auto shifted = [&](const std::byte* block, std::int64_t b) {
    shift += float_of_f16(block) * of_x[b];
  };
  for (; i + 128 <= n; i += 128, w += 4L * 18) {
    for (std::size_t k = 0; k < 4; ++k) {
      const auto at = static_cast<std::int64_t>(k);
      sums[k] += block_q4_0(w + 18 * at, x + i + 32 * at);
      shifted(w + 18 * at, i / 32 + at);
    }
  }
  for (; i < n; i += 32, w += 18) {
    sums[0] += block_q4_0(w, x + i);
    shifted(w, i / 32);
  }
  return sum_of((sums[0] + sums[1]) + (sums[2] + sums[3])) - 8 * shift;
}

float dot_q4_k(const std::byte* w, const float* x, const float* of_x, std::int64_t n) {
  Floats sum{};
  float shift = 0;
  for (std::int64_t at = 0; at < n; at += 256, w += 144, of_x += 8) {
    const SmallScales scales = small_scales(w + 4);
    Floats part{};
    float least = 0;
    for (std::size_t b = 0; b < 8; b += 2) {
      const auto place = static_cast<std::int64_t>(b) * 16;
      const float* first = x + at + 2 * place;
      Floats low{};
      Floats high{};
      for (int i = 0; i < 32; i += lanes) {
        const Words codes = words_of_bytes(w + 16 + place + i);
        low += floats_of(codes & 15U) * floats(first + i);
        high += floats_of(codes >> 4U) * floats(first + 32 + i);
      }
      part += scales.s[b] * low;
      part += scales.s[b + 1] * high;
      least += scales.t[b] * of_x[b] + scales.t[b + 1] * of_x[b + 1];
    }
    sum += float_of_f16(w) * part;
    shift += float_of_f16(w + 2) * least;
  }
  return sum_of(sum) - shift;
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

float dot_q6_k(const std::byte* w, const float* x, const float*, std::int64_t n) {
  Floats sum{};
  for (std::int64_t at = 0; at < n; at += 256, w += 210) {
    Floats block{};
    for (unsigned part = 0; part < 8; ++part) {
      const unsigned half = part / 4;
      block += part_q6_k(w + 64 * half + part % 2 * 32, w + 128 + 32 * half, part % 4,
                         w + 192 + 2 * part, x + at + 32 * part);
    }
    sum += float_of_f16(w + 208) * block;
  }
  return sum_of(sum);
}

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

Dot dot_of(Format format) {
  constexpr std::array<Dot, 7> all{dot_f32,  dot_f16,  dot_bf16, dot_q8_0,
                                   dot_q4_0, dot_q4_k, dot_q6_k};
  return all.at(static_cast<std::size_t>(format));
}

}  // namespace flopmeter::generation
