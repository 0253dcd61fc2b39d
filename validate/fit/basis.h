// Which monomials can occur in a closed form, found by changing one field or two at a time.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "validate/fit/polynomial.h"
#include "validate/fit/samples.h"

namespace flopmeter::fit {

/// A variable of the polynomial: a field, or a derived one that stands for several fields.
struct Axis {
  std::size_t coordinate;           // in Point::at
  std::vector<std::size_t> movers;  // fields that change it
  std::set<int> powers;
};

struct Basis {
  std::vector<Axis> axes;
  std::vector<Exponents> monomials;   // low degrees first
  std::string refused;                // why there is none; empty when there is one
  std::vector<std::size_t> culprits;  // fields that refused it

  /// The values of the axes at a point.
  std::vector<std::int64_t> at(const std::vector<std::int64_t>& coordinates) const;
  /// The monomials at a point.
  std::vector<Modular> row(const std::vector<std::int64_t>& coordinates) const;
};

/// Derived variables that stand in for fields, or beside them.
struct Derived {
  std::vector<std::size_t> coordinates;
  bool beside = false;  // false: in the place of fields that matter only through them
};
Basis find_basis(Samples& samples, const Derived& derived);

}  // namespace flopmeter::fit
