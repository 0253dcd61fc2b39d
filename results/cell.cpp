#include "results/cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

namespace flopmeter {
namespace {

/// One line: whatever would move the cursor becomes a space.
std::string text_of(const std::string& text, std::string_view) {
  std::string line = text;
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

std::string text_of(std::int64_t value, std::string_view) { return fmt::format("{}", value); }

std::string text_of(double value, std::string_view unit) {
  if (!std::isfinite(value)) {
    return {};
  }
  if (unit == "s") {
    return scaled_time(value);
  }
  if (unit == "ratio") {
    return significant(100 * value, 2) + "%";
  }
  return significant(value, unit == "%" ? 3 : 4);
}

template <class T>
std::string text_of(const std::optional<T>& value, std::string_view unit) {
  return value ? text_of(*value, unit) : "";
}

std::string text_of(const std::pair<std::string, std::string>& named, std::string_view) {
  return text_of(named.first + " " + named.second, "");
}

template <class T>
std::string text_of(const std::vector<T>& values, std::string_view unit) {
  std::string text;
  for (const T& value : values) {
    text += (text.empty() ? "" : ", ") + text_of(value, unit);
  }
  return text;
}

std::string cell_of(const auto& object, const auto& field) {
  return std::visit([&](auto member) { return text_of(object.*member, field.unit); },
                    field.member);
}

/// "-1.234e+05": the exponent after rounding, so that 9.9996 counts as 10.
int rounded_exponent(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  return std::stoi(text.substr(text.find('e') + 1));
}

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
  const auto found = std::ranges::find_if(
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
  return std::string(taken < width ? width - taken : 0, ' ');
}

}  // namespace

std::string cell(const Record& record, const RecordField& field) { return cell_of(record, field); }

std::string cell(const Environment& environment, const EnvironmentField& field) {
  return cell_of(environment, field);
}

bool is_number(const RecordField& field) {
  return !std::holds_alternative<std::string Record::*>(field.member);
}

std::string significant(double value, int digits) {
  if (value == 0) {
    return "0";
  }
  const int exponent = rounded_exponent(value, digits);
  if (exponent < -4 || exponent > 8) {
    return fmt::format("{:.{}e}", value, digits - 1);
  }
  return fmt::format("{:.{}f}", value, std::max(0, digits - 1 - exponent));
}

std::string scaled_time(double seconds) {
  constexpr int digits = 4;
  struct Scale {
    double per_second;
    std::string_view unit;
  };
  for (const Scale& scale : {Scale{1e9, "ns"}, Scale{1e6, "us"}, Scale{1e3, "ms"}}) {
    const double scaled = seconds * scale.per_second;
    if (scaled == 0 || rounded_exponent(scaled, digits) < 3) {
      return fmt::format("{} {}", significant(scaled, digits), scale.unit);
    }
  }
  return significant(seconds, digits) + " s";
}

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
