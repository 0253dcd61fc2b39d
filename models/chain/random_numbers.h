// Numbers for tensors of which a file has none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter::models {

/// What makes sense in its place: real numbers between two bounds (one and the same may be an integer), or integers from
/// 0 to below `below`.
struct Range {
  double low = -1, high = 1;
  std::int64_t below = 0;  // 0: real numbers
};

/// Uniform, drawn from the seed and the tensor's name: the same wherever it stands.
std::vector<float> random_numbers(std::string_view name, std::uint64_t seed, std::int64_t count,
                                  const Range& range);

}  // namespace flopmeter::models
