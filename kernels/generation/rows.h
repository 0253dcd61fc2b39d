// What is done to rows of features between products: norms, rotary positions, activations.
#pragma once

#include <cstdint>
#include <vector>

namespace flopmeter::generation {

enum class NormKind { rms, layer };

/// y = x / sqrt(mean x^2 + e) * scale, or (x - mean) / sqrt(variance + e) * scale + shift; shift may be null. y may be x.
struct NormRow {
  NormKind kind = NormKind::rms;
  std::int64_t length = 0;
  float epsilon = 1e-5F;
  const float* scale = nullptr;
  const float* shift = nullptr;

  void operator()(const float* x, float* y) const;
};

/// Angles of the first `size` features of a head for positions 0 to below `positions`: base^(-2i/size) each.
/// Pairs are halves (i, i + size/2), or neighbours (2i, 2i + 1).
class Rotary {
 public:
  Rotary() = default;
  Rotary(std::int64_t size, std::int64_t positions, double base, bool neighbours);

  void turn(std::int64_t position, float* head) const;
  std::int64_t size() const { return size_; }
  /// Row by row, positions x size / 2.
  const std::vector<float>& cosines() const { return cosines_; }
  const std::vector<float>& sines() const { return sines_; }

 private:
  std::int64_t size_ = 0;
  bool neighbours_ = false;
  std::vector<float> cosines_, sines_;
};

enum class ActivationKind { silu, gelu_erf, gelu_tanh, relu };

/// y = f(y), or f(y) * with where that is given; `n` numbers.
void activate(ActivationKind kind, std::int64_t n, const float* with, float* y);

/// y = cap * tanh(y / cap)
void cap(float most, std::int64_t n, float* y);

}  // namespace flopmeter::generation
