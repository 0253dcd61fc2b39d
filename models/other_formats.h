// Files that people have beside those that are read.
#pragma once

#include <string_view>

namespace flopmeter::models {

/// What the file is, by its first bytes, and what to give instead; empty where that is not known.
std::string_view other_format(std::string_view bytes);

}  // namespace flopmeter::models
