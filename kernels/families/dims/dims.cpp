#include "kernels/families/dims/dims.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"

namespace flopmeter::dims {
namespace {

std::int64_t parse_dim(std::string_view text, std::string_view layer, std::string_view whole) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    bad_input("{} shape '{}': '{}' is beyond 2^63 - 1", layer, whole, text);
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    bad_input("{} shape '{}': '{}' is no dimension: write them as in 2x3x4", layer, whole, text);
  }
  return value;
}

/// The parts between separators.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

bool is_list(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

Dims parse_list(std::string_view text, std::string_view layer, std::string_view whole) {
  Dims dims;
  for (const std::string_view part : split(text, 'x')) {
    dims.push_back(parse_dim(part, layer, whole));
  }
  return dims;
}

std::vector<Dims> parse_lists(std::string_view text, std::string_view layer, std::size_t least,
                              std::size_t most, std::string_view form) {
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() < least || parts.size() > most) {
    bad_input("{} shape '{}' has {} of its lists: write {}", layer, text, parts.size(), form);
  }
  std::vector<Dims> lists;
  lists.reserve(parts.size());
  for (const std::string_view part : parts) {
    lists.push_back(parse_list(part, layer, text));
  }
  return lists;
}

std::string print(const Dims& dims) { return fmt::format("{}", fmt::join(dims, "x")); }

std::string print(const std::vector<Dims>& lists) {
  std::vector<std::string> texts;
  texts.reserve(lists.size());
  for (const Dims& list : lists) {
    texts.push_back(print(list));
  }
  return fmt::format("{}", fmt::join(texts, ":"));
}

std::int64_t product(const Dims& dims) {
  std::int64_t elements = 1;
  for (const std::int64_t dim : dims) {
    elements = checked_multiply(elements, dim);
  }
  return elements;
}

void put(Values& values, std::size_t list, const Dims& dims, std::int64_t missing,
         std::string_view layer) {
  if (dims.size() > rank) {
    bad_input("{}: {} has {} dimensions, at most {} are kept", layer, print(dims), dims.size(),
              rank);
  }
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(list * rank);
  const auto end = begin + static_cast<std::ptrdiff_t>(rank);
  std::fill(begin, end, missing);
  std::ranges::copy_backward(dims, end);
}

Dims get(const Values& values, std::size_t list, std::int64_t missing) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(list * rank);
  const auto end = begin + static_cast<std::ptrdiff_t>(rank);
  const auto first = std::find_if(begin, end - 1, [&](std::int64_t dim) { return dim != missing; });
  return {first, end};
}

Dims strides(const Dims& dims) {
  Dims result(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) {
    result[i - 1] = result[i] * dims[i];
  }
  return result;
}

}  // namespace flopmeter::dims
