// y = x/2 (1 + erf(x / sqrt 2)) = x Phi(x)
// dx = dy (Phi(x) + x phi(x)), phi(x) = exp(-x^2/2) / sqrt(2 pi)
// Hendrycks and Gimpel 2016; PyTorch's default
#pragma once

#include <cmath>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::gelu_erf {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "gelu_erf";
  static constexpr std::string_view equation = "y = x / 2 * (1 + erf(x / sqrt(2)))";
  static constexpr OpCounts forward_operations{.multiplies = 3, .adds = 1, .erfs = 1};
  static constexpr OpCounts backward_operations{
      .multiplies = 7, .adds = 2, .exponentials = 1, .erfs = 1};
  static constexpr double inverse_sqrt2 = 0.70710678118654752440;
  static constexpr double inverse_sqrt_2pi = 0.39894228040143267794;

  template <class T>
  static T value(T x) {
    using std::erf;
    return T(0.5) * x * (T(1) + erf(T(x * T(inverse_sqrt2))));
  }

  template <class T>
  static T gradient(T x, T dy) {
    using std::erf;
    using std::exp;
    const T distribution = T(0.5) * (T(1) + erf(T(x * T(inverse_sqrt2))));
    const T density = T(inverse_sqrt_2pi) * exp(T(T(-0.5) * x * x));
    const T product = x * density;
    return dy * (distribution + product);
  }
};

}  // namespace flopmeter::gelu_erf
