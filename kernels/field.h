// The field table of a shape: each named integer said once, for parsing, printing, JSON and
// fuzzing.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter {

/// A dimension that was left out and is to be derived from the others.
inline constexpr std::int64_t unset = std::numeric_limits<std::int64_t>::min();

/// One named integer of a shape.
template <class Shape>
struct Field {
  std::string_view key;  // as benchdnn writes it: ic, oh, sw
  std::int64_t Shape::*member;
  std::int64_t otherwise;  // the value when left out, or `unset`
  std::int64_t lowest;     // the least legal value
  std::int64_t fuzz_low;   // random shapes are drawn from here ...
  std::int64_t fuzz_high;  // ... to here
  std::string_view meaning;
};

/// The same without the type of the shape.
struct FieldInfo {
  std::string_view key;
  std::int64_t otherwise;
  std::int64_t lowest;
  std::int64_t fuzz_low;
  std::int64_t fuzz_high;
  std::string_view meaning;
};

/// A shape without its type: the values in the order of the field table.
using Values = std::vector<std::int64_t>;

/// Reads "mb32ic512oc1000": keys with their integers in any order, `_` ignored between them. What
/// is left out has the field's `otherwise`. Throws BadInput: unknown key, missing or repeated
/// value, a value below the lowest legal one or beyond 63 bits.
Values parse_fields(std::span<const FieldInfo> fields, std::string_view layer,
                    std::string_view text);

/// Writes the given values, leaving out those that equal `otherwise` unless `always` names them.
std::string print_fields(std::span<const FieldInfo> fields, const Values& values,
                         std::span<const std::string_view> always);

/// Throws BadInput when a value is below its field's lowest.
void check_lowest(std::span<const FieldInfo> fields, std::string_view layer, const Values& values);

/// A shape descriptor without its name: `mb32ic8oc8n"fc1"` is {mb32ic8oc8, fc1}; underscores may
/// stand before the n, as in benchdnn. Throws BadInput when the closing quote is missing.
struct NamedDescriptor {
  std::string descriptor;
  std::string name;
};
NamedDescriptor split_name(std::string_view text);

}  // namespace flopmeter
