// Conditions under which formulas may hold, and the search for the weakest that makes one hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace flopmeter::claims {

/// A condition on a shape. It applies to every layer that has all of its variables.
struct Condition {
  std::string_view name;   // as verdicts say it
  std::string_view holds;  // over the fields and variables of the layer; an axis that a layer of
                           // windows lacks has no padding, stride 1 and no gaps
  std::string_view
      imposed;            // assignments that make a random shape satisfy it: "kw=kh", "ph=" unset
  bool for_exact = true;  // false: makes a formula better, never exact
};

std::span<const Condition> conditions();

/// One bit a shape.
class Bits {
 public:
  explicit Bits(std::size_t size, bool value = false);
  void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  bool test(std::size_t i) const { return (words_[i / 64] >> (i % 64) & 1U) != 0; }
  std::size_t count() const;
  bool within(const Bits& other) const;
  Bits operator&(const Bits& other) const;

 private:
  std::vector<std::uint64_t> words_;
};

/// Conditions, as indices into the predicates, and how many shapes satisfy all of them.
struct Conjunction {
  std::vector<std::size_t> which;
  std::size_t shapes = 0;
};

/// Of more conditions or fewer shapes than these nothing is concluded.
struct SearchLimits {
  std::size_t most_conditions = 5;
  std::size_t fewest_shapes = 8;
};

/// The smallest conjunction of predicates whose shapes, of `all`, lie in `wanted`; among the
/// smallest the one with most shapes, then the earliest.
std::optional<Conjunction> weakest_conjunction(std::span<const Bits> predicates, const Bits& wanted,
                                               const Bits& all, const SearchLimits& limits);

}  // namespace flopmeter::claims
