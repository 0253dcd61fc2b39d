// What a shape leaves to be derived.
#pragma once

#include <string>

#include "kernels/case.h"

namespace flopmeter {

/// A line of the keys that a shape does not print because they are as they are "unless given", with
/// their values: nobody should take heads of 80 for heads of 128 without a word. Empty where there
/// is none.
std::string left_out_line(const Problem& problem);

}  // namespace flopmeter
