// What one inference is of, where a network was given sizes of its free dimensions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace flopmeter {

/// Free dimensions of a network by name.
using Sizes = std::map<std::string, std::int64_t, std::less<>>;

/// " of --dim batch=2, sequence=128": stands behind every number of inferences; empty where all sizes are 1.
std::string inference_text(const Sizes& sizes);

}  // namespace flopmeter
