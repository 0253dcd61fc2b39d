// The numbers that a case is run with.
#pragma once

#include <optional>
#include <utility>

#include "kernels/case.h"

namespace flopmeter {

/// Everything that the pass reads, and room for what it writes (NaN). What a backward pass reads of
/// the results of passes before it is computed by the reference from the same inputs, so that they
/// fit together. The forward pass's outputs are rounded to 8 significant bits like all other
/// inputs. s8 has inputs that are exact in 8-bit integers; all other dtypes share theirs. The same
/// seed gives the same numbers.
Tensors<float> make_inputs(const Problem& problem, Pass pass, Dtype dtype, std::uint64_t seed);

/// Whether the two dtypes are run with the same inputs, and so have the same truth.
bool same_inputs(Dtype a, Dtype b);

/// The inputs of all cases of one problem and pass, made when they are first asked for and once for
/// all dtypes that share them.
class Inputs {
 public:
  Inputs(Problem problem, Pass pass, std::uint64_t seed)
      : problem_(std::move(problem)), pass_(pass), seed_(seed) {}

  const Tensors<float>& of(Dtype dtype);

 private:
  Problem problem_;
  Pass pass_;
  std::uint64_t seed_;
  std::optional<Tensors<float>> real_;
  std::optional<Tensors<float>> quantized_;
};

}  // namespace flopmeter
