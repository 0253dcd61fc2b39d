// Tensors written as their dimensions: 2x8x384x64:2x8x64x384.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace flopmeter::benchdnn {

using Dimensions = std::vector<std::int64_t>;

/// One tensor a colon. Throws BadInput unless there are `wanted` of them (0: any number), of
/// dimensions that are not below `lowest`.
std::vector<Dimensions> parse_tensors(std::string_view text, std::size_t wanted,
                                      std::int64_t lowest = 1);

/// The product of dims[from] ... dims[to - 1]. Throws CountOverflow.
std::int64_t product(const Dimensions& dims, std::size_t from, std::size_t to);

}  // namespace flopmeter::benchdnn
