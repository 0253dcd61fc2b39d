// What `flopmeter validate` does, apart from the command line, so that a test can plant a fault.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/shard.h"
#include "results/verdict.h"
#include "validate/ledger/ledger.h"

namespace flopmeter {

/// They are drawn before they are examined.
inline constexpr std::size_t most_random_shapes = 1'000'000;

struct ValidateOptions {
  std::vector<Dtype> dtypes{Dtype::f32, Dtype::bf16};
  std::vector<Pass> passes{all_passes.begin(), all_passes.end()};  // of those that a layer has
  std::size_t random_shapes = 200;                                 // a layer and pass
  std::uint64_t seed = 1;
  Shard shard = {};  // of the given shapes, and of the random ones
  int workers = 2;
  bool executed = false;    // also the machine code of the given shapes, case by case
  bool every_case = false;  // a line a case, not only the summary
  bool json = false;        // JSON Lines, one a case
  /// Takes what was found of each layer and pass, as soon as it is.
  std::function<void(const FormulaRow&)> on_formula = {};
};

/// Examines the given shapes and as many random ones of every layer named in `layers`, prints the
/// ledger to `out` and returns the exit code: 0 when all agrees, 1 when anything disagrees.
int validate(std::span<const AnyLayer> layers, std::span<const Problem> problems,
             const ValidateOptions& options, std::FILE* out);

}  // namespace flopmeter
