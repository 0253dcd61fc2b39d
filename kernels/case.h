// A case: one layer, pass, backend, dtype and shape. Its text is its name, its filter and its
// reproducer: conv2d/forward/onednn/f32/mb1ic64ih56oc64oh56kh3ph1
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/layer.h"

namespace flopmeter {

/// One layer with one shape: what formulas and counts are about.
struct Problem {
  const AnyLayer* layer = nullptr;
  Values values;
  std::string label;  // where the shape comes from, "resnet50:conv1"; may be empty

  std::string shape() const { return layer->print(values); }
  std::vector<Operand> operands(Pass pass) const { return layer->operands(values, pass); }
  Formula formula(Pass pass) const { return layer->formula(values, pass); }
};

/// One problem on one backend: what is validated and timed.
struct Case {
  Problem problem;
  Pass pass = Pass::forward;
  std::string_view backend;
  Dtype dtype = Dtype::f32;

  std::string name() const;
};

/// The problem written as `text`, in the layer's notation with an optional n"label".
/// Throws BadInput.
Problem parse_problem(const AnyLayer& layer, std::string_view text);

/// Bytes of every operand once, in `dtype`; of s8, biases and results are f32. Of several passes
/// together, what they share is there once. Throws CountOverflow.
std::int64_t compulsory_bytes(const Problem& problem, std::span<const Pass> passes, Dtype dtype);
std::int64_t compulsory_bytes(const Problem& problem, Pass pass, Dtype dtype);

/// Reads a benchdnn batch file: one descriptor a line, `#` comments. `origin` names the file in
/// messages. Throws BadInput with the number of the line that cannot be read; `--` options are
/// refused, because what they would change is not changed here.
std::vector<Problem> parse_batch(const AnyLayer& layer, std::string_view text,
                                 std::string_view origin);

/// The layer's own default shapes.
std::vector<Problem> default_problems(const AnyLayer& layer);

}  // namespace flopmeter
