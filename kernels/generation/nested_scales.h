// Blocks of blocks: 256 numbers with scales of 6 or 8 bits below one or two of f16.
#pragma once

#include <array>
#include <cstddef>

#include "kernels/generation/lanes.h"

namespace flopmeter::generation {

/// s and t of the 8 blocks of 32 of a q4_k: six bits each in 12 bytes. Bytes 0 to 7 have the six bits of the first
/// four s and t, and in their upper two the upper two of the others; bytes 8 to 11 these others' lower four.
struct SmallScales {
  std::array<float, 8> s, t;
};

inline SmallScales small_scales(const std::byte* packed) {
  SmallScales all;
  const auto at = [&](int i) { return static_cast<unsigned>(packed[i]); };
  for (int i = 0; i < 4; ++i) {
    const auto low = static_cast<std::size_t>(i);
    all.s[low] = static_cast<float>(at(i) & 63U);
    all.t[low] = static_cast<float>(at(i + 4) & 63U);
    all.s[low + 4] = static_cast<float>((at(i + 8) & 15U) | ((at(i) >> 6U) << 4U));
    all.t[low + 4] = static_cast<float>((at(i + 8) >> 4U) | ((at(i + 4) >> 6U) << 4U));
  }
  return all;
}

/// q4_k: 64 numbers share 32 bytes, the lower halves are the first 32.
inline void unpack_q4_k(const std::byte* block, float* to) {
  const float d = float_of_f16(block);
  const float e = float_of_f16(block + 2);
  const SmallScales scales = small_scales(block + 4);
  for (std::size_t b = 0; b < 8; ++b) {
    const std::byte* codes = block + 16 + b / 2 * 32;
    for (std::size_t i = 0; i < 32; ++i) {
      const auto byte = static_cast<unsigned>(codes[i]);
      const auto code = static_cast<float>(b % 2 == 0 ? byte & 15U : byte >> 4U);
      to[32 * b + i] = d * scales.s[b] * code - e * scales.t[b];
    }
  }
}

/// q6_k: 128 numbers share 64 bytes of lower halves and 32 of upper pairs.
inline void unpack_q6_k(const std::byte* block, float* to) {
  const float d = float_of_f16(block + 208);
  for (int i = 0; i < 256; ++i) {
    const int half = i / 128;
    const int part = i % 128 / 32;  // of four with pairs in one byte
    const auto low = static_cast<unsigned>(block[64 * half + part % 2 * 32 + i % 32]);
    const auto high = static_cast<unsigned>(block[128 + 32 * half + i % 32]);
    const unsigned code = (part < 2 ? low & 15U : low >> 4U) |
                          (((high >> static_cast<unsigned>(2 * part)) & 3U) << 4U);
    const auto s = static_cast<std::int8_t>(block[192 + i / 16]);
    to[i] = d * static_cast<float>(s) * (static_cast<float>(code) - 32);
  }
}

/// Of drawn bits: means of codes and scales are 7.5 and 32, so that e = 7.5 d leaves no mean.
inline void set_scales_q4_k(float deviation, std::byte* block) {
  const float d = deviation / 270;
  const std::array<std::uint16_t, 2> both{f16_of(d), f16_of(7.5F * d)};
  std::memcpy(block, both.data(), 4);
}

inline void set_scales_q6_k(float deviation, std::byte* block) {
  const std::uint16_t d = f16_of(deviation / 1360);  // 18.5 of codes, 73.9 of scales
  std::memcpy(block + 208, &d, 2);
}

}  // namespace flopmeter::generation
