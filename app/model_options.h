// Options that all commands about a network share.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace flopmeter {

/// "batch=1". Throws BadInput.
std::pair<std::string, std::int64_t> parse_dim_option(const std::string& text);

}  // namespace flopmeter
