// The truth that a backend's output is held against: the reference in double on the same inputs.
#pragma once

#include <string>
#include <vector>

#include "kernels/case.h"

namespace flopmeter {

/// Remembers the last one, because it takes longer than the kernels that it is the truth of, and
/// the backends of one problem follow each other.
class TruthCache {
 public:
  /// The truth for these inputs, which are the same whenever the problem is. Valid until the next
  /// call.
  const std::vector<double>& of(const Problem& problem, Pass pass, Dtype dtype,
                                const Tensors<float>& inputs);

 private:
  std::string key_;
  std::vector<double> truth_;
};

}  // namespace flopmeter
