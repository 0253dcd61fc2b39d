// Texts that many rows have in common, each kept once.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace flopmeter {

/// A text of a pool, as large as a pointer; empty without one. Lives as long as its pool. Equal ones of one pool are
/// the same one.
class Word {
 public:
  Word() = default;
  explicit Word(const std::string& text) : text_(&text) {}

  const std::string& str() const { return text_ == nullptr ? none() : *text_; }
  bool empty() const { return str().empty(); }
  // NOLINTNEXTLINE(google-explicit-constructor): stands for its text
  operator const std::string&() const { return str(); }

  bool operator==(const Word& other) const { return text_ == other.text_ || str() == other.str(); }
  bool operator==(std::string_view other) const { return str() == other; }
  auto operator<=>(const Word& other) const {
    return text_ == other.text_ ? std::strong_ordering::equal : str() <=> other.str();
  }

  /// Equal for equal words of one pool.
  std::size_t hash() const { return std::hash<const void*>()(empty() ? nullptr : text_); }

 private:
  static const std::string& none() {
    static const std::string empty;
    return empty;
  }

  const std::string* text_ = nullptr;
};

class Words {
 public:
  Word operator()(std::string_view text) {
    const auto found = texts_.find(text);
    return Word(found != texts_.end() ? *found : *texts_.emplace(text).first);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::unordered_set<std::string, Hash, std::equal_to<>> texts_;
};

/// Of several numbers or hashes one.
inline std::size_t mixed_hash(std::initializer_list<std::size_t> parts) {
  std::size_t hash = 0;
  for (const std::size_t part : parts) {
    hash ^= part + 0x9e3779b97f4a7c15U + (hash << 12U) + (hash >> 4U);
  }
  return hash;
}

}  // namespace flopmeter
