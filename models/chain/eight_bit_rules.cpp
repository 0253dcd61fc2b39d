// 8-bit integers that stand in a file, as steps between real numbers.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/chain/quantize.h"
#include "models/chain/rules.h"

namespace flopmeter::models {
namespace {

/// A number that a function of two has second.
std::optional<double> second_number(const Draft& d, std::size_t i) {
  const auto scaled = d.with_number(i);
  return scaled && scaled->second ? std::optional(scaled->number) : std::nullopt;
}

/// A step of that layer which writes the tensor, its number, and what it reads.
struct Walked {
  TensorId tensor;
  double number;
};
std::optional<Walked> walk(const Draft& d, TensorId id, std::string_view layer) {
  const auto step = d.writer(id, layer);
  const auto number = step ? second_number(d, *step) : std::nullopt;
  return number ? std::optional(Walked{*d.operand(*step, "src0"), *number}) : std::nullopt;
}

/// Of a tensor that was rounded to 8-bit integers and back: what it was before, and how.
struct Rounded {
  TensorId tensor;
  EightBits eight_bits;
};

/// (min(max(round(x / s) + z, low), high) - z) * s, where low - z and high - z are those of u8 or s8.
std::optional<Rounded> rounded(const Draft& d, TensorId id) {
  const auto scaled = walk(d, id, "mul");
  const auto shifted = scaled ? walk(d, scaled->tensor, "sub") : std::nullopt;
  const auto high =
      scaled ? walk(d, shifted ? shifted->tensor : scaled->tensor, "min") : std::nullopt;
  const auto low = high ? walk(d, high->tensor, "max") : std::nullopt;
  const auto zero = low ? walk(d, low->tensor, "add") : std::nullopt;
  const auto round = zero ? d.writer(zero->tensor, "round") : std::nullopt;
  const auto divided = round ? walk(d, *d.operand(*round, "src"), "div") : std::nullopt;
  if (!divided || divided->number != scaled->number ||
      zero->number != (shifted ? shifted->number : 0)) {
    return std::nullopt;
  }
  const double lowest = low->number - zero->number;
  const double highest = high->number - zero->number;
  const bool is_signed = lowest == -128 && highest == 127;
  if (!is_signed && (lowest != 0 || highest != 255)) {
    return std::nullopt;
  }
  return Rounded{divided->tensor,
                 {.src_step = static_cast<float>(scaled->number), .src_signed = is_signed}};
}

/// Whether the layer has all these codes on this CPU.
bool fits(const Node& node, const std::vector<float>& weights, const EightBits& steps) {
  const WeightCodes codes = codes_for(node.layer->name, steps.src_signed);
  const std::size_t each = weights.size() / steps.weight_steps.size();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (std::abs(std::nearbyint(weights[i] / steps.weight_steps[i / each])) >
        static_cast<float>(codes.most)) {
      return false;
    }
  }
  return codes_fit(weights, steps);
}

bool fold_steps(Draft& d, std::size_t i) {
  if (!d.is(i, eight_bit_layers) || d.step(i).eight_bits != nullptr ||
      !d.is_constant(*d.operand(i, "weights")) || d.writer(*d.operand(i, "src")) == std::nullopt) {
    return false;
  }
  auto source = rounded(d, *d.operand(i, "src"));
  if (!source) {
    return false;
  }
  const std::vector<float> weights = d.numbers(*d.operand(i, "weights"))();
  auto steps = exact_steps(weights, d.field(i, "oc"));
  source->eight_bits.weight_steps = steps;
  source->eight_bits.grouped = is_grouped(d.step(i).node);
  if (steps.empty() || !fits(d.step(i).node, weights, source->eight_bits)) {
    return false;
  }
  d.set_eight_bits(i, source->tensor, std::move(source->eight_bits), "8-bit steps");
  return true;
}

constexpr std::array eight_bit_table{
    Rule{"8-bit steps", "x / s, round, + z, max, min, - z, * s, then a convolution or linear layer",
         "the layer in 8-bit integers",
         "with --dtype s8; z is 0, or 128 of u8; weights of a channel are multiples of a step; "
         "products do not "
         "saturate on this CPU",
         fold_steps},
};

}  // namespace

std::span<const Rule> eight_bit_rules() { return eight_bit_table; }

}  // namespace flopmeter::models
