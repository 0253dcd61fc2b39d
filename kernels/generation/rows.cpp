#include "kernels/generation/rows.h"

#include <Eigen/Core>
#include <cmath>

namespace flopmeter::generation {
namespace {

using Numbers = Eigen::Map<Eigen::ArrayXf>;
using Given = Eigen::Map<const Eigen::ArrayXf>;

constexpr float root_half = 0.70710678F;
constexpr float root_2_by_pi = 0.79788456F;

}  // namespace

void NormRow::operator()(const float* from, float* to) const {
  const Given x(from, length);
  Numbers y(to, length);
  const float mean = kind == NormKind::layer ? x.mean() : 0;
  const float variance = (x - mean).square().mean();
  y = (x - mean) * (1 / std::sqrt(variance + epsilon)) * Given(scale, length);
  if (shift != nullptr) {
    y += Given(shift, length);
  }
}

Rotary::Rotary(std::int64_t size, std::int64_t positions, double base, bool neighbours)
    : size_(size), neighbours_(neighbours) {
  for (std::int64_t p = 0; p < positions; ++p) {
    for (std::int64_t i = 0; i < size / 2; ++i) {
      const double angle = static_cast<double>(p) * std::pow(base, -2.0 * static_cast<double>(i) /
                                                                       static_cast<double>(size));
      cosines_.push_back(static_cast<float>(std::cos(angle)));
      sines_.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

void Rotary::turn(std::int64_t position, float* head) const {
  const std::int64_t half = size_ / 2;
  const float* c = cosines_.data() + position * half;
  const float* s = sines_.data() + position * half;
  const std::int64_t step = neighbours_ ? 2 : 1;
  const std::int64_t distance = neighbours_ ? 1 : half;
  for (std::int64_t i = 0; i < half; ++i) {
    float& a = head[i * step];
    float& b = head[i * step + distance];
    const float first = a * c[i] - b * s[i];
    b = b * c[i] + a * s[i];
    a = first;
  }
}

void activate(ActivationKind kind, std::int64_t n, const float* with, float* to) {
  Numbers y(to, n);
  switch (kind) {
    case ActivationKind::silu:
      y = y / (1 + (-y).exp());
      break;
    case ActivationKind::gelu_tanh:
      y = 0.5F * y * (1 + (root_2_by_pi * (y + 0.044715F * y.cube())).tanh());
      break;
    case ActivationKind::gelu_erf:
      for (std::int64_t i = 0; i < n; ++i) {
        to[i] = 0.5F * to[i] * (1 + std::erf(to[i] * root_half));
      }
      break;
    case ActivationKind::relu:
      y = y.max(0.0F);
      break;
  }
  if (with != nullptr) {
    y *= Given(with, n);
  }
}

void cap(float most, std::int64_t n, float* to) {
  Numbers y(to, n);
  y = most * (y / most).tanh();
}

}  // namespace flopmeter::generation
