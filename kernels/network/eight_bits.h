// How a node of a network computes in 8-bit integers.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace flopmeter {

/// The layers that networks compute in 8 bits.
inline constexpr std::array<std::string_view, 4> eight_bit_layers{"conv1d", "conv2d", "conv3d",
                                                                  "linear"};
bool is_eight_bit_layer(std::string_view layer);

/// How a tensor lies in 8 bits: as codes from -128 to 127 or from 0 to 255, times a step.
struct Codes {
  float step = 1;
  bool is_signed = false;
  bool operator==(const Codes&) const = default;
};

/// Real numbers as integers times a step: x = code * step. Products of codes are summed up in 32 bits.
struct EightBits {
  float src_step =
      1;  // of the source, which is rounded to the nearest code and cut to those that there are
  bool src_signed = false;               // codes from -128 to 127, else from 0 to 255
  std::vector<float> weight_steps = {};  // of each output channel; codes from -127 to 127
  bool grouped = false;           // weights have a dimension of groups before that of channels
  std::optional<Codes> dst = {};  // how the result is written; none: in f32
  std::optional<Codes> summand =
      {};  // how that lies which is added to the result, where that is written as codes
};

/// The nearest code of the source, as a vector instruction computes it in f32: ties to even.
float src_code(const EightBits& eight_bits, float x);

/// The largest code of a weight that is right on this CPU: 127, or 63 where products are added in pairs of 16 bits,
/// which saturate (CPUs without VNNI, as oneDNN sees them). There, codes of weights beside a signed source must be even
/// besides, as oneDNN halves them: up to 126.
struct WeightCodes {
  int most = 127;
  int multiple = 1;
};
WeightCodes weight_codes(bool src_signed);

/// Whether results can be written as codes onto codes of another step that are added: not with oneDNN 3, whose layouts
/// cannot be told with another number type.
bool adds_codes();

/// Whether these steps and codes are right on this CPU.
bool codes_fit(std::span<const float> weights, const EightBits& eight_bits);

}  // namespace flopmeter
