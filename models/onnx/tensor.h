// What is known of a tensor of the graph before a run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/onnx/dim.h"
#include "models/onnx/wire/proto.h"

namespace flopmeter::onnx {

/// The elements, row-major: integers and booleans as Dims, real ones as doubles. Of a sequence, the places of its
/// tensors in the graph.
struct Content {
  bool real = false;
  Dims integers;
  std::vector<double> reals;

  std::size_t size() const { return real ? reals.size() : integers.size(); }
};
using Contents = std::shared_ptr<const Content>;

/// Shapes are computed from small tensors; larger ones are not looked at.
inline constexpr std::int64_t max_content = 16'384;

/// `constant`: the same in every run (an initializer, or made of constants alone). `weight`: the
/// initializer or input that it was, for parameters; by index of Graph::weights, -1 for none.
struct Tensor {
  Elem elem = Elem::undefined;
  std::optional<Dims> dims = {};  // none: not even the rank is known
  Contents content = nullptr;
  bool constant = false;
  bool sequence = false;  // a sequence, map or optional: no tensor
};

/// Where a tensor stands in an element type and dimensions.
inline Tensor tensor_of(Elem elem, Dims dims) {
  return {.elem = elem, .dims = std::move(dims), .content = nullptr};
}

Contents integers_of(Dims values);
Contents reals_of(std::vector<double> values);
/// The element at `i`, of either kind.
void append_element(Content& to, const Content& from, std::size_t i);

}  // namespace flopmeter::onnx
