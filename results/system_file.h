// Reading the small text files of /proc and /sys. What is absent is a value, not an error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter {

/// The lines of the file up to the first blank one; none when it cannot be read.
std::vector<std::string> first_paragraph(const std::filesystem::path& path);

/// The first line without surrounding space; empty when it cannot be read.
std::string first_line(const std::filesystem::path& path);

/// The value behind `key` and a colon, in lines as of /proc/cpuinfo; empty when absent.
std::string value_of(const std::vector<std::string>& lines, std::string_view key);

/// The words of `text` between any of `separators`.
std::vector<std::string> split(std::string_view text, std::string_view separators = " \t");

/// The cores that a list names: of "0-3,8" five. Empty when it is no such list.
std::vector<std::int64_t> cores_of(std::string_view list);

/// How many cores a list names: "0-3,8" are five. Empty when it is no such list.
std::optional<std::int64_t> count_cores(std::string_view list);

}  // namespace flopmeter
