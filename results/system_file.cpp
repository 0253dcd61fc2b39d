#include "results/system_file.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace flopmeter {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  return text.substr(0, text.find_last_not_of(space) + 1);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::vector<std::string> first_paragraph(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line) && !trim(line).empty();) {
    lines.push_back(line);
  }
  return lines;
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(trim(line));
}

std::string value_of(const std::vector<std::string>& lines, std::string_view key) {
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && trim(line.substr(0, colon)) == key) {
      return std::string(trim(line.substr(colon + 1)));
    }
  }
  return {};
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
    if (text.empty()) {
      return words;
    }
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::vector<std::int64_t> cores_of(std::string_view list) {
  std::vector<std::int64_t> cores;
  for (const std::string_view range : split(list, ",")) {
    const std::size_t dash = range.find('-');
    const auto first = parse_integer(range.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : parse_integer(range.substr(dash + 1));
    if (!first || !last || *last < *first) {
      return {};
    }
    for (std::int64_t core = *first; core <= *last; ++core) {
      cores.push_back(core);
    }
  }
  return cores;
}

std::optional<std::int64_t> count_cores(std::string_view list) {
  const auto cores = static_cast<std::int64_t>(cores_of(list).size());
  return cores > 0 ? std::optional(cores) : std::nullopt;
}

}  // namespace flopmeter
