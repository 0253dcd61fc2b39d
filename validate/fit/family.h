// The tiny legal shapes of a layer that a closed form is inferred from.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "validate/claims/check.h"

namespace flopmeter::fit {

/// Narrows a layer to some of its shapes, where no one polynomial covers all.
struct Restriction {
  enum class Kind {
    fixed,     // the field has this value
    other,     // it has another value
    left_out,  // it has what the layer finds for it
    given      // it has something else than that
  } kind;
  std::size_t field;
  std::int64_t value = 0;
};

class Family {
 public:
  explicit Family(claims::Scale scale, std::vector<Restriction> restrictions = {});

  const AnyLayer& layer() const { return *scale_.layer; }
  /// "causal = 1", "dic left out"; empty for all shapes.
  std::string name() const;
  /// Whether the field is free to have other values.
  bool free(std::size_t field) const;
  bool contains(const Values& complete) const;

  /// A shape small enough to be counted at once, with this field changed and no other but those
  /// left out; empty when there is none.
  std::optional<Values> moved(const Values& from, std::size_t field, std::int64_t to) const;
  /// A random one. Fields often repeat one another or are numbers of many divisors, so that groups
  /// divide channels. Empty when none was found.
  std::optional<Values> draw(std::mt19937_64& random) const;

 private:
  std::optional<Values> legal(Values values) const;
  bool small(const Values& values) const;
  std::int64_t draw_field(std::size_t field, const Values& before, std::mt19937_64& random) const;

  claims::Scale scale_;
  std::vector<Restriction> restrictions_;
  std::vector<bool> derivable_;
};

/// Ways to split the layer's shapes in two, the usual half first: a flag off or on, a field at its
/// default or not, a field left out or given.
std::vector<std::vector<Restriction>> splits(const AnyLayer& layer);

}  // namespace flopmeter::fit
