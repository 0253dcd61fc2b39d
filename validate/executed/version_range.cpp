#include "validate/executed/version_range.h"

#include <algorithm>
#include <charconv>

#include "kernels/bad_input.h"
#include "results/system_file.h"

namespace flopmeter {
namespace {

int part_of(const std::string& text, std::string_view version) {
  int part = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, part);
  if (error != std::errc() || read != end || part < 0) {
    bad_input("'{}' is no version: numbers with dots between them, as in 3.7", version);
  }
  return part;
}

/// "3.0" is {3}: compared with others, missing parts are 0.
std::vector<int> parts_of(std::string_view version) {
  std::vector<int> parts;
  for (const std::string& part : split(version, ".")) {
    parts.push_back(part_of(part, version));
  }
  if (parts.empty()) {
    bad_input("'{}' is no version: numbers with dots between them, as in 3.7", version);
  }
  while (!parts.empty() && parts.back() == 0) {
    parts.pop_back();
  }
  return parts;
}

}  // namespace

VersionRange::VersionRange(std::string_view text) {
  for (const std::string& bound : split(text)) {
    const bool from = bound.starts_with(">=");
    if (!from && !bound.starts_with('<')) {
      bad_input("versions '{}': bounds are '>=3.7' and '<3'", text);
    }
    bounds_.push_back({from, parts_of(std::string_view(bound).substr(from ? 2 : 1))});
  }
  if (bounds_.empty()) {
    bad_input("versions '{}': no bound, as in '>=3.7 <4'", text);
  }
}

bool VersionRange::holds(std::string_view version) const {
  if (bounds_.empty()) {
    return true;
  }
  if (version.empty()) {
    return false;
  }
  const std::vector<int> parts = parts_of(version);
  return std::ranges::all_of(
      bounds_, [&](const Bound& bound) { return (parts >= bound.version) == bound.from; });
}

}  // namespace flopmeter
