// A dimension, or an element of a tensor that dimensions are computed from: an integer, or an expression
// whose value only a run would show, kept by name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flopmeter::onnx {

class Dim {
 public:
  Dim(std::int64_t value)
      : value_(value) {}  // NOLINT(google-explicit-constructor): reads as a number
  /// Not known before the run; equal names are equal values.
  static Dim unknown(std::string name);

  bool known() const { return name_ == nullptr; }
  /// Of a known one.
  std::int64_t value() const { return value_; }
  /// "12", "NonZero_5.count", "2*batch".
  std::string text() const { return known() ? std::to_string(value_) : *name_; }
  bool is(std::int64_t value) const { return known() && value_ == value; }

  bool operator==(const Dim& other) const {
    return known() ? other.known() && value_ == other.value_
                   : !other.known() && *name_ == *other.name_;
  }

 private:
  std::int64_t value_;
  std::shared_ptr<const std::string> name_;
};

/// Unknown where an operand is, by name, and where the result leaves 64 bits.
Dim operator+(const Dim& a, const Dim& b);
Dim operator-(const Dim& a, const Dim& b);
Dim operator*(const Dim& a, const Dim& b);
/// Rounded down, as shapes are divided. Unknown for a divisor of 0.
Dim floor_divide(const Dim& a, const Dim& b);
Dim ceil_divide(const Dim& a, const Dim& b);

using Dims = std::vector<Dim>;

/// "1x3x224x224".
std::string to_string(const Dims& dims);
bool all_known(const Dims& dims);
/// The product. Throws CountOverflow.
Dim elements_of(const Dims& dims);

}  // namespace flopmeter::onnx
