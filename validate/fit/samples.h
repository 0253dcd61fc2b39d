// Measured tiny shapes: points of the function whose closed form is sought.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "validate/fit/family.h"
#include "validate/fit/modular.h"

namespace flopmeter::fit {

/// `at` has the fields of the shape and behind them what is derived from them.
struct Point {
  std::vector<std::int64_t> at;
  Rational value;
  Modular residue;  // of the value
};

/// What is measured of a shape. May throw BadInput where it is no fraction.
using Function = std::function<Rational(const Values&)>;

/// Shapes that differ in one field.
using Line = std::vector<const Point*>;

/// Each shape is measured once, when first asked for. Deterministic.
class Samples {
 public:
  Samples(const Family& family, Function function);

  const Family& family() const { return family_; }
  const Point& of(const Values& values);
  bool seen(const Values& values) const { return points_.contains(values); }
  /// The same without remembering it.
  Rational measure(const Values& values) const { return function_(values); }
  /// A random shape of the family; the same ones again after rewind. Empty when it has none.
  std::optional<Values> draw();
  void rewind() { next_ = 0; }
  bool empty() const { return drawn_.empty(); }
  /// The fields of a shape and what is derived from them.
  std::vector<std::int64_t> coordinates(const Values& values) const;
  std::vector<std::string> names() const;

  /// Lines along a field; empty where the field cannot change alone.
  const std::vector<Line>& lines(std::size_t field);
  /// (f(a,b) - f(a,b')) - (f(a',b) - f(a',b')) for a random shape and random changes of the two
  /// fields that change the two coordinates; empty when they were no legal ones.
  std::optional<Modular> mixed_difference(std::size_t field_a, std::size_t coordinate_a,
                                          std::size_t field_b, std::size_t coordinate_b);

 private:
  std::vector<Values> legal_line(const Values& from, std::size_t field) const;
  std::int64_t other_value(std::size_t field);

  const Family& family_;
  Function function_;
  std::mt19937_64 random_{2027};
  std::vector<Values> drawn_;  // shapes that lines start from
  std::size_t next_ = 0;
  std::map<Values, Point> points_;
  std::map<std::size_t, std::vector<Line>> lines_;
};

}  // namespace flopmeter::fit
