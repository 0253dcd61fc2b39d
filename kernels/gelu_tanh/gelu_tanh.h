// y = x/2 (1 + t), t = tanh(x (a + b x^2)), a = sqrt(2 / pi), b = 0.044715 a
// dx = dy/2 ((1 + t) + x (1 - t^2) (a + 3 b x^2))
// Hendrycks and Gimpel 2016; GPT-2, PyTorch's approximate="tanh"
#pragma once

#include <cmath>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::gelu_tanh {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "gelu_tanh";
  static constexpr std::string_view equation = "y = x / 2 * (1 + tanh(x * (a + b * x^2)))";
  static constexpr OpCounts forward_operations{.multiplies = 5, .adds = 2, .tanhs = 1};
  static constexpr OpCounts backward_operations{.multiplies = 9, .adds = 5, .tanhs = 1};
  static constexpr double a = 0.79788456080286535588;
  static constexpr double b = 0.044715 * a;

  template <class T>
  static T value(T x) {
    const T square = x * x;
    return T(0.5) * x * (T(1) + tanh_of(x, square));
  }

  template <class T>
  static T gradient(T x, T dy) {
    const T square = x * x;
    const T t = tanh_of(x, square);
    const T cubic = T(3 * b) * square;
    const T slope = x * (T(1) - T(t * t)) * (T(a) + cubic);
    return T(T(0.5) * dy) * ((T(1) + t) + slope);
  }

 private:
  template <class T>
  static T tanh_of(T x, T square) {
    using std::tanh;
    const T cubic = T(b) * square;
    return tanh(T(x * (T(a) + cubic)));
  }
};

}  // namespace flopmeter::gelu_tanh
