#include "kernels/benchdnn/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace flopmeter::benchdnn {

Keys::Keys(std::string_view shape) {
  while (!shape.empty()) {
    shape.remove_prefix(std::min(shape.find_first_not_of('_'), shape.size()));
    const std::size_t digits = shape.find_first_of("0123456789");
    const std::string_view key = shape.substr(0, digits);
    std::int64_t value = 0;
    const char* from = shape.data() + std::min(digits, shape.size());
    const auto [end, error] = std::from_chars(from, shape.data() + shape.size(), value);
    if (key.empty() || digits == std::string_view::npos || error != std::errc()) {
      rest_ = shape;
      return;
    }
    const auto known = std::ranges::find(keys_, key, &std::pair<std::string, std::int64_t>::first);
    // Another value of the same key stays, for the layer to refuse.
    if (known == keys_.end() || known->second != value) {
      keys_.emplace_back(key, value);
    }
    shape.remove_prefix(static_cast<std::size_t>(end - shape.data()));
  }
}

std::optional<std::int64_t> Keys::find(std::string_view key) const {
  const auto known = std::ranges::find(keys_, key, &std::pair<std::string, std::int64_t>::first);
  return known == keys_.end() ? std::nullopt : std::optional(known->second);
}

bool Keys::has_any(std::initializer_list<std::string_view> keys) const {
  return std::ranges::any_of(keys, [&](std::string_view key) { return has(key); });
}

void Keys::set(std::string_view key, std::int64_t value) {
  const auto known = std::ranges::find(keys_, key, &std::pair<std::string, std::int64_t>::first);
  if (known == keys_.end()) {
    keys_.emplace(keys_.begin(), key, value);
  } else {
    known->second = value;
  }
}

void Keys::erase(std::string_view key) {
  std::erase_if(keys_, [&](const auto& known) { return known.first == key; });
}

std::string Keys::text() const {
  std::string text;
  for (const auto& [key, value] : keys_) {
    text += fmt::format("{}{}", key, value);
  }
  return text + rest_;
}

}  // namespace flopmeter::benchdnn
