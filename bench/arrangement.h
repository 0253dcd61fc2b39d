// In which layout a layer is given its activations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/case.h"

namespace flopmeter {

///   own          as its kernel likes them best
///   plain        row by row, as the caller has them
///   convolution  as a convolution of the same backend leaves them
enum class Arrangement { own, plain, convolution };

std::string_view to_string(Arrangement);
/// Throws BadInput naming the accepted ones.
Arrangement parse_arrangement(std::string_view);

/// Those in which networks give the case its activations: `plain` and `convolution` of a layer of
/// images that has no weights whose layout it chooses, and that is not the same function of every
/// element by itself; else `own`. Of libraries that can only be run, in f32, forward.
std::vector<Arrangement> usual_arrangements(const Case& subject);

/// A prepared case, and the layout in the backend's own words; empty for `own`.
struct Arranged {
  Preparation preparation;
  std::string layout;
};

/// Where the kernel takes its activations otherwise, bringing them there is part of every run, and
/// named in the implementation. Unavailable where the backend leaves no layout but the plain one.
Arranged prepare_arranged(const Case& subject, int threads, Arrangement, Tensors<float>& tensors);

}  // namespace flopmeter
