#include "results/cell.h"

#include <fmt/format.h>

#include <algorithm>
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
  return std::visit([&](auto member) { return text_of(object.*member, field.unit); }, field.member);
}

/// "-1.234e+05": the exponent after rounding, so that 9.9996 counts as 10.
int rounded_exponent(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  return std::stoi(text.substr(text.find('e') + 1));
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
  if (!std::isfinite(value)) {
    return fmt::format("{}", value);  // a file may hold a number beyond what its unit can show
  }
  if (value == 0) {
    return "0";
  }
  const int exponent = rounded_exponent(value, digits);
  if (exponent < -4 || exponent > 8) {
    return fmt::format("{:.{}e}", value, digits - 1);
  }
  return fmt::format("{:.{}f}", value, std::max(0, digits - 1 - exponent));
}

std::string grouped(std::int64_t value) {
  std::string digits = fmt::format("{}", value);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string scaled_time(double seconds) {
  constexpr int digits = 4;
  struct Scale {
    double per_second;
    std::string_view unit;
  };
  for (const Scale& scale : {Scale{1e9, "ns"}, Scale{1e6, "us"}, Scale{1e3, "ms"}}) {
    const double scaled = seconds * scale.per_second;
    // A file may hold 1e308 seconds, which are no number of nanoseconds.
    if (scaled == 0 || (std::isfinite(scaled) && rounded_exponent(scaled, digits) < 3)) {
      return fmt::format("{} {}", significant(scaled, digits), scale.unit);
    }
  }
  return significant(seconds, digits) + " s";
}

}  // namespace flopmeter
