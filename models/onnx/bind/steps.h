// A node of the file as several layers, one after the other: what is not a layer of its own is put together of
// those that there are.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/onnx/bind/binder.h"

namespace flopmeter::onnx {

/// Something that a step makes, or an input; belongs to its Steps.
struct Value {
  std::size_t at;
  Sizes dims;

  std::int64_t count() const { return product_of(dims, 0, dims.size()); }
};

/// Steps become nodes when a result, or the tensor of one of them, is asked for.
class Steps {
 public:
  explicit Steps(const Binding& binding) : b_(binding) {}

  Value in(std::size_t input);
  Value given(TensorId id, Sizes dims);
  Value constant(Sizes dims, std::vector<float> numbers);
  Value number(double value) { return constant({1}, {static_cast<float>(value)}); }

  Value one(std::string_view layer, const Value& x);
  Value two(std::string_view layer, const Value& a, const Value& b);
  Value two(std::string_view layer, const Value& a, double b) { return two(layer, a, number(b)); }
  Value where(const Value& condition, const Value& yes, const Value& no);
  Value reduce(std::string_view layer, const Value& x, const std::vector<std::size_t>& axes);
  Value transpose(const Value& x, const std::vector<std::size_t>& order);
  /// The same numbers in other dimensions: no step.
  static Value view(const Value& x, Sizes dims) { return {x.at, std::move(dims)}; }
  /// Elements `first` and on, in steps, as many as `dims` says.
  Value slice(const Value& x, Sizes dims, const Sizes& first, const Sizes& stride);
  Value concat(const Value& a, const Value& b, std::size_t axis);
  /// Rows along an axis: `places` may have any dimensions, which stand for that of the axis.
  Value gather(const Value& x, std::size_t axis, const Value& places);
  /// min(max(round(x) + zero, low), high) of an integer type, ties to even. Throws BadInput for a type of more than 16
  /// bits.
  Value rounded(const Value& x, const std::optional<Value>& zero, Elem elem);
  /// Any layer, with its shape in its notation and its operands.
  Value layer(std::string_view name, std::string shape,
              std::vector<std::pair<std::string, Value>> operands, Sizes dims);

  /// The node's result `output`. Once a value: what is neither made nor free any more is copied.
  void finish(const Value& value, std::size_t output = 0);
  TensorId id(const Value& value);

 private:
  struct Entry {
    std::optional<TensorId> id = {};
    std::string_view layer = {};
    std::string shape = {};
    std::vector<std::pair<std::string, std::size_t>> operands = {};
  };

  TensorId make(std::size_t at, int output);

  const Binding& b_;
  std::deque<Entry> entries_;
};

}  // namespace flopmeter::onnx
