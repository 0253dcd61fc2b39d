// Number types that a kernel computes in, and the direction it computes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace flopmeter {

enum class Dtype { f32, bf16, f16, s8 };
enum class Pass { forward, backward_data, backward_weights };

inline constexpr std::array all_dtypes{Dtype::f32, Dtype::bf16, Dtype::f16, Dtype::s8};
inline constexpr std::array all_passes{Pass::forward, Pass::backward_data, Pass::backward_weights};

std::string_view to_string(Dtype);
std::string_view to_string(Pass);

/// The dtype or pass of that name. Throw BadInput naming the accepted ones.
Dtype parse_dtype(std::string_view);
Pass parse_pass(std::string_view);

/// Bytes of one element.
std::int64_t size_of(Dtype);

/// Unit roundoff: half the distance from 1 to the next number (f32: 2^-24). Zero for integers.
double unit_roundoff(Dtype);

}  // namespace flopmeter
