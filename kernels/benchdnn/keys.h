// Shapes that a driver writes as keys with integers: mb1ic3ih224kh7, taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flopmeter::benchdnn {

/// Of a key that is given twice the second value holds, as in benchdnn. What is no key with an
/// integer stays as it stands, for the layer to refuse.
class Keys {
 public:
  explicit Keys(std::string_view shape);

  std::optional<std::int64_t> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }
  bool has_any(std::initializer_list<std::string_view> keys) const;
  /// In its place, or at the front where it was not given.
  void set(std::string_view key, std::int64_t value);
  void erase(std::string_view key);
  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::int64_t>> keys_;
  std::string rest_;
};

}  // namespace flopmeter::benchdnn
