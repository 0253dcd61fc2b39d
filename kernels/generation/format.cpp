#include "kernels/generation/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "counters/op_counts.h"
#include "kernels/generation/lanes.h"
#include "kernels/generation/nested_scales.h"

namespace flopmeter::generation {
namespace {

constexpr std::array table{
    FormatInfo{Format::f32, "f32", 1, 4, false},
    FormatInfo{Format::f16, "f16", 1, 2, false},
    FormatInfo{Format::bf16, "bf16", 1, 2, false},
    FormatInfo{Format::q8_0, "q8_0", 32, 34, true},
    FormatInfo{Format::q4_0, "q4_0", 32, 18, true},
    FormatInfo{Format::q4_k, "q4_k", 256, 144, true},
    FormatInfo{Format::q6_k, "q6_k", 256, 210, true},
};

void unpack_block(const FormatInfo& of, const std::byte* block, float* to) {
  switch (of.format) {
    case Format::f32:
      std::memcpy(to, block, sizeof *to);
      return;
    case Format::f16:
      *to = float_of_f16(block);
      return;
    case Format::bf16: {
      std::uint16_t bits = 0;
      std::memcpy(&bits, block, sizeof bits);
      *to = float_of_bf16(bits);
      return;
    }
    case Format::q8_0: {
      const float d = float_of_f16(block);
      for (int i = 0; i < 32; ++i) {
        to[i] = d * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
      }
      return;
    }
    case Format::q4_0: {
      const float d = float_of_f16(block);
      for (int i = 0; i < 16; ++i) {
        const auto byte = static_cast<unsigned>(block[2 + i]);
        to[i] = d * (static_cast<float>(byte & 15U) - 8);
        to[i + 16] = d * (static_cast<float>(byte >> 4U) - 8);
      }
      return;
    }
    case Format::q4_k:
      return unpack_q4_k(block, to);
    case Format::q6_k:
      return unpack_q6_k(block, to);
  }
}

std::uint64_t next(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t x = state;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

void put_f16(float value, std::byte* to) {
  const std::uint16_t bits = f16_of(value);
  std::memcpy(to, &bits, sizeof bits);
}

/// Codes and small scales are any bits; what makes numbers of them sets their deviation.
void draw_block(const FormatInfo& of, float deviation, std::uint64_t& state, std::byte* to) {
  if (!of.quantised) {
    // Uniform: the root of 3 times the deviation at the most.
    const float part = static_cast<float>(next(state) >> 40U) * 0x1p-23F - 1;
    pack(of.format, std::array{part * 1.7320508F * deviation}.data(), 1, to);
    return;
  }
  for (std::int64_t at = 0; at < of.bytes; at += 8) {
    const std::uint64_t drawn = next(state);
    std::memcpy(to + at, &drawn,
                static_cast<std::size_t>(std::min<std::int64_t>(8, of.bytes - at)));
  }
  switch (of.format) {
    case Format::q8_0:
      return put_f16(deviation / 73.9F, to);  // 256 / sqrt(12)
    case Format::q4_0:
      return put_f16(deviation / 4.6F, to);  // 16 / sqrt(12)
    case Format::q4_k:
      return set_scales_q4_k(deviation, to);
    default:
      return set_scales_q6_k(deviation, to);
  }
}

}  // namespace

std::span<const FormatInfo> formats() { return table; }

const FormatInfo& info(Format format) { return table.at(static_cast<std::size_t>(format)); }

std::optional<Format> format_named(std::string_view name) {
  const auto* const found = std::ranges::find(table, name, &FormatInfo::name);
  return found == table.end() ? std::nullopt : std::optional(found->format);
}

std::string format_names() {
  std::string names;
  for (const FormatInfo& one : table) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
  }
  return names;
}

std::int64_t Matrix::row_bytes() const {
  const FormatInfo& of = info(format);
  return checked_multiply(columns / of.block, of.bytes);
}

std::int64_t Matrix::bytes() const { return checked_multiply(rows, row_bytes()); }

Matrix Matrix::part(std::int64_t from, std::int64_t count) const {
  return {format, count, columns, row(from)};
}

void unpack(Format format, const std::byte* from, std::int64_t n, float* to) {
  const FormatInfo& of = info(format);
  for (std::int64_t at = 0; at < n; at += of.block, from += of.bytes) {
    unpack_block(of, from, to + at);
  }
}

bool pack(Format format, const float* from, std::int64_t n, std::byte* to) {
  const FormatInfo& of = info(format);
  if (of.block > 32) {
    return false;
  }
  for (std::int64_t at = 0; at < n; at += of.block, to += of.bytes) {
    const float* x = from + at;
    if (format == Format::f32) {
      std::memcpy(to, x, sizeof *x);
    } else if (!of.quantised) {
      const std::uint16_t bits = format == Format::bf16 ? bf16_of(*x) : f16_of(*x);
      std::memcpy(to, &bits, sizeof bits);
    } else {
      // q8_0: the largest becomes 127; q4_0: the largest becomes -8.
      const float most =
          *std::max_element(x, x + 32, [](float a, float b) { return std::abs(a) < std::abs(b); });
      put_f16(format == Format::q8_0 ? std::abs(most) / 127 : most / -8, to);
      const float d = float_of_f16(to);
      const auto code = [&](int i, float low, float high) {
        return static_cast<int>(std::clamp(d == 0 ? 0 : std::nearbyint(x[i] / d), low, high));
      };
      for (int i = 0; i < 32 && format == Format::q8_0; ++i) {
        to[2 + i] = static_cast<std::byte>(code(i, -127, 127));
      }
      for (int i = 0; i < 16 && format == Format::q4_0; ++i) {
        to[2 + i] = static_cast<std::byte>((code(i, -8, 7) + 8) | ((code(i + 16, -8, 7) + 8) << 4));
      }
    }
  }
  return true;
}

void draw(Format format, double deviation, std::uint64_t seed, std::int64_t n, std::byte* to) {
  const FormatInfo& of = info(format);
  std::uint64_t state = seed;
  for (std::int64_t at = 0; at < n; at += of.block, to += of.bytes) {
    draw_block(of, static_cast<float>(deviation), state, to);
  }
}

}  // namespace flopmeter::generation
