// How matrices of weights lie in memory: rows of blocks, as GGUF stores them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace flopmeter::generation {

enum class Format { f32, f16, bf16, q8_0, q4_0, q4_k, q6_k };

/// `block` numbers in `bytes` bytes. Of the quantised ones:
///   q8_0  f16 d, 32 bytes of -128 to 127:                 w = d q
///   q4_0  f16 d, 16 bytes, the lower halves first:        w = d (q - 8)
///   q4_k  f16 d and e, 8 pairs s, t of 6 bits, 128 bytes: w = d s q - e t
///   q6_k  128 lower halves, 64 bytes of upper pairs, 16 signed s, f16 d: w = d s (q - 32)
struct FormatInfo {
  Format format;
  std::string_view name;
  std::int64_t block, bytes;
  bool quantised;
};

std::span<const FormatInfo> formats();
const FormatInfo& info(Format format);
std::optional<Format> format_named(std::string_view name);
/// Names with commas, for messages.
std::string format_names();

/// `rows` rows of `columns` numbers, which are a multiple of the block; it does not own them.
struct Matrix {
  Format format = Format::f32;
  std::int64_t rows = 0, columns = 0;
  const std::byte* data = nullptr;

  std::int64_t row_bytes() const;
  std::int64_t bytes() const;
  const std::byte* row(std::int64_t i) const { return data + i * row_bytes(); }
  /// Rows from <= i < from + count.
  Matrix part(std::int64_t from, std::int64_t count) const;
};

/// `n` numbers, a multiple of the block.
void unpack(Format format, const std::byte* from, std::int64_t n, float* to);

/// The other way round, each number to the nearest. False, and nothing is done, for formats of blocks of blocks.
bool pack(Format format, const float* from, std::int64_t n, std::byte* to);

/// `n` numbers of about that standard deviation and no mean, from the seed.
void draw(Format format, double deviation, std::uint64_t seed, std::int64_t n, std::byte* to);

}  // namespace flopmeter::generation
