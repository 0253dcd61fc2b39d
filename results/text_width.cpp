#include "results/text_width.h"

#include <algorithm>
#include <array>

namespace flopmeter {
namespace {

struct CodePoint {
  char32_t value;
  std::size_t bytes;
};

/// The first character. A byte that begins none counts as one character.
CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0xc0 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  char32_t value = length == 1 ? byte(0) : byte(0) & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size() || (byte(i) & 0xc0U) != 0x80) {
      return {0xfffd, i};
    }
    value = value << 6 | (byte(i) & 0x3fU);
  }
  return {value, length};
}

struct WidthRange {
  char32_t first;
  char32_t last;
  std::size_t width;
};

// The blocks of Unicode's East Asian Width "W" and of combining marks that occur in names.
constexpr std::array<WidthRange, 10> widths{{
    {0x300, 0x36f, 0},      // combining accents
    {0x1100, 0x115f, 2},    // Hangul Jamo
    {0x200b, 0x200f, 0},    // zero-width space, joiners and marks
    {0x2e80, 0xa4cf, 2},    // CJK
    {0xac00, 0xd7a3, 2},    // Hangul syllables
    {0xf900, 0xfaff, 2},    // CJK compatibility
    {0xfe00, 0xfe0f, 0},    // variation selectors
    {0xff00, 0xff60, 2},    // fullwidth forms
    {0x1f300, 0x1faff, 2},  // emoji
    {0x20000, 0x3fffd, 2},  // CJK extensions
}};

std::size_t width_of(char32_t code) {
  const auto* const found = std::ranges::find_if(
      widths, [&](const WidthRange& range) { return code >= range.first && code <= range.last; });
  return found == widths.end() ? 1 : found->width;
}

/// How many bytes of `text` fit into `width` columns.
std::size_t bytes_that_fit(std::string_view text, std::size_t width) {
  std::size_t bytes = 0;
  std::size_t taken = 0;
  while (bytes < text.size()) {
    const CodePoint next = first_code_point(text.substr(bytes));
    taken += width_of(next.value);
    if (taken > width) {
      break;
    }
    bytes += next.bytes;
  }
  return bytes;
}

std::string fill(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  std::string spaces;
  spaces.resize(taken < width ? width - taken : 0, ' ');
  return spaces;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    width += width_of(next.value);
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string pad_left(std::string_view text, std::size_t width) {
  return fill(text, width) + std::string(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  return std::string(text) + fill(text, width);
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width || width == 0) {
    return std::string(text);
  }
  return std::string(text.substr(0, bytes_that_fit(text, width - 1))) + "…";
}

}  // namespace flopmeter
