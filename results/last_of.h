// Rows of which a later one stands for an earlier one about the same.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace flopmeter {

/// Puts values into a list, a later one with the same key in place of the earlier one.
template <class Key, class Value>
class LastOf {
 public:
  /// The list must outlive this.
  explicit LastOf(std::vector<Value>& values) : values_(values) {}

  void put(Key key, Value value) {
    const auto [found, is_new] = places_.emplace(std::move(key), values_.size());
    if (is_new) {
      values_.push_back(std::move(value));
    } else {
      values_[found->second] = std::move(value);
    }
  }

 private:
  std::vector<Value>& values_;
  std::map<Key, std::size_t> places_;
};

}  // namespace flopmeter
