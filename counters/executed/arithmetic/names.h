// The words of executed instructions in every output: "fma f32 x16".
#pragma once

#include <string>
#include <string_view>

#include "counters/executed/arithmetic/arithmetic.h"

namespace flopmeter::executed {

std::string_view to_string(Operation operation);
std::string_view to_string(Element element);

/// "x16", or "tile" of 0 lanes.
std::string_view lanes_to_string(std::uint8_t lanes);

/// "fma f32 x16"; with several operations behind a result "dot i8 x16 of 4". No mask.
std::string to_string(const Arithmetic& arithmetic);

}  // namespace flopmeter::executed
