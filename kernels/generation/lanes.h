// As many numbers as one instruction of this build takes, by the compiler's own vectors.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace flopmeter::generation {

#if defined(__AVX512F__) && defined(__AVX512BW__)
inline constexpr int lanes = 16;
#elif defined(__AVX2__)
inline constexpr int lanes = 8;
#else
inline constexpr int lanes = 4;
#endif

using Floats [[gnu::vector_size(lanes * 4)]] = float;
using Ints [[gnu::vector_size(lanes * 4)]] = std::int32_t;
using Words [[gnu::vector_size(lanes * 4)]] = std::uint32_t;
using Halves [[gnu::vector_size(lanes * 2)]] = std::uint16_t;
using Bytes [[gnu::vector_size(lanes)]] = std::uint8_t;
using SignedBytes [[gnu::vector_size(lanes)]] = std::int8_t;

/// From any address.
template <class V>
V load(const void* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

inline Floats floats(const float* from) { return load<Floats>(from); }

// GCC 12 makes a dozen instructions of a conversion to vectors of another size, so widening is by the one
// instruction that each instruction set has for it.
#if defined(__AVX512F__) && defined(__AVX512BW__)
inline Words words_of_bytes(const std::byte* from) {
  return std::bit_cast<Words>(_mm512_cvtepu8_epi32(load<__m128i>(from)));
}
inline Ints ints_of_signed_bytes(const std::byte* from) {
  return std::bit_cast<Ints>(_mm512_cvtepi8_epi32(load<__m128i>(from)));
}
inline Words words_of_halves(const void* from) {
  return std::bit_cast<Words>(_mm512_cvtepu16_epi32(load<__m256i>(from)));
}
#elif defined(__AVX2__)
inline Words words_of_bytes(const std::byte* from) {
  return std::bit_cast<Words>(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(load<std::int64_t>(from))));
}
inline Ints ints_of_signed_bytes(const std::byte* from) {
  return std::bit_cast<Ints>(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(load<std::int64_t>(from))));
}
inline Words words_of_halves(const void* from) {
  return std::bit_cast<Words>(_mm256_cvtepu16_epi32(load<__m128i>(from)));
}
#else
inline Words words_of_bytes(const std::byte* from) {
  return __builtin_convertvector(load<Bytes>(from), Words);
}
inline Ints ints_of_signed_bytes(const std::byte* from) {
  return __builtin_convertvector(load<SignedBytes>(from), Ints);
}
inline Words words_of_halves(const void* from) {
  return __builtin_convertvector(load<Halves>(from), Words);
}
#endif

/// bf16 is the upper half of f32.
inline Floats floats_of_bf16(const void* from) {
  return std::bit_cast<Floats>(words_of_halves(from) << 16);
}

inline Floats floats_of_signed_bytes(const std::byte* from) {
  return __builtin_convertvector(ints_of_signed_bytes(from), Floats);
}

/// Of whole numbers below 2^31.
inline Floats floats_of(Words w) { return __builtin_convertvector(std::bit_cast<Ints>(w), Floats); }

/// Half precision but infinities and NaN, which weights are not: the exponent's bias differs by 112.
inline Floats floats_of_f16(const std::byte* from) {
  const Words h = words_of_halves(from);
  const Floats magnitude = std::bit_cast<Floats>((h & 0x7FFFU) << 13) * 0x1p112F;
  return std::bit_cast<Floats>(std::bit_cast<Words>(magnitude) | ((h & 0x8000U) << 16));
}

inline float float_of_f16(const std::byte* from) {
  const auto h = load<std::uint16_t>(from);
#if defined(__F16C__)
  return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(h)));
#else
  const float magnitude = std::bit_cast<float>((h & 0x7FFFU) << 13) * 0x1p112F;
  return (h & 0x8000U) != 0 ? -magnitude : magnitude;
#endif
}

inline float sum_of(const Floats& v) {
  float sum = 0;
  for (int i = 0; i < lanes; ++i) {
    sum += v[i];
  }
  return sum;
}

inline float float_of_bf16(std::uint16_t b) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(b) << 16);
}

/// To the nearest, of two to the even one.
inline std::uint16_t bf16_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

/// f16 of a number below its largest, to the nearest.
inline std::uint16_t f16_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  // Below the smallest normal number, multiples of 2^-24.
  const std::uint32_t code =
      magnitude < (113U << 23)
          ? static_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p24F + 0.5F)
          : (magnitude + 0xFFF + ((magnitude >> 13) & 1) - (112U << 23)) >> 13;
  return static_cast<std::uint16_t>(((bits >> 16) & 0x8000U) | code);
}

}  // namespace flopmeter::generation
