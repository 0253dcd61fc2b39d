#include "kernels/operand.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "counters/op_counts.h"

namespace flopmeter {

namespace {

/// The operands with a bias behind the others' parameters, before the last one.
std::vector<Operand> with_bias(std::string_view name, const Weighted& w, Role role,
                               std::vector<Operand> operands) {
  if (w.biases != 0) {
    operands.insert(operands.end() - 1, {name, {w.biases}, role});
  }
  return operands;
}

}  // namespace

std::vector<Operand> weighted_operands(const Weighted& w, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return {{"diff_dst", w.y, Role::input},
              {"weights", w.weights, w.role},
              {"diff_src", w.x, Role::output}};
    case Pass::backward_weights:
      return with_bias("diff_bias", w, Role::output,
                       {{"src", w.x, Role::input},
                        {"diff_dst", w.y, Role::input},
                        {"diff_weights", w.weights, Role::output}});
    case Pass::forward:
      break;
  }
  return with_bias(
      "bias", w, Role::parameter,
      {{"src", w.x, Role::input}, {"weights", w.weights, w.role}, {"dst", w.y, Role::output}});
}

std::int64_t elements(const Operand& operand) {
  std::int64_t product = 1;
  for (const std::int64_t dim : operand.dims) {
    product = checked_multiply(product, dim);
  }
  return product;
}

std::int64_t parameter_elements(std::span<const Operand> operands) {
  std::int64_t sum = 0;
  for (const Operand& operand : operands) {
    if (operand.role == Role::parameter && !operand.packing) {
      sum = checked_add(sum, elements(operand));
    }
  }
  return sum;
}

std::int64_t compulsory_elements(std::span<const Operand> operands) {
  std::int64_t sum = 0;
  for (const Operand& operand : operands) {
    if (operand.role != Role::saved && operand.role != Role::context) {
      sum = checked_add(sum, operand.touched == all_elements ? elements(operand) : operand.touched);
    }
  }
  return sum;
}

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): the same values on every platform and library.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

float draw_any(std::uint64_t& state) {
  const std::uint64_t bits = next(state);
  const auto significand = static_cast<float>(128 + bits % 128);
  const auto exponent = -8 - static_cast<int>((bits >> 32U) % 6);
  const float magnitude = std::ldexp(significand, exponent);
  return (bits >> 63U) != 0 ? magnitude : -magnitude;
}

/// 1 + x in steps of 1/128, which are exact in bf16 as all other numbers are.
float with_8_bits_from_one(float x) { return 1 + std::ldexp(std::rint(std::ldexp(x, 7)), -7); }

float draw(const Domain& domain, std::uint64_t& state) {
  switch (domain.kind) {
    case Domain::Kind::index:
      return static_cast<float>(next(state) % static_cast<std::uint64_t>(domain.below));
    case Domain::Kind::positive:
      return std::abs(draw_any(state));
    case Domain::Kind::from_one:
      return with_8_bits_from_one(domain.scale * std::abs(draw_any(state)));
    case Domain::Kind::any:
      break;
  }
  return domain.scale * draw_any(state);
}

float draw_quantized(std::string_view name, std::uint64_t& state) {
  const std::uint64_t bits = next(state) >> 16U;
  return name.starts_with("src") ? static_cast<float>(bits % 256) * u8_step
                                 : (static_cast<float>(bits % 127) - 63) * s8_step;
}

/// Calls draw(entry) for each element that is read; NaN for those that are to be written.
template <class Draw>
void fill_with(Tensors<float>& tensors, const Draw& draw_one) {
  for (auto& entry : tensors.entries()) {
    if (written(entry.role)) {
      std::ranges::fill(entry.data, std::numeric_limits<float>::quiet_NaN());
    } else {
      std::ranges::generate(entry.data, [&] { return draw_one(entry); });
    }
  }
}

}  // namespace

void fill(Tensors<float>& tensors, std::uint64_t seed) {
  std::uint64_t state = seed;
  fill_with(tensors, [&](const auto& entry) { return draw(entry.domain, state); });
}

void fill_quantized(Tensors<float>& tensors, std::uint64_t seed) {
  std::uint64_t state = seed;
  fill_with(tensors, [&](const auto& entry) { return draw_quantized(entry.name, state); });
}

}  // namespace flopmeter
