// y[n,i] = exp(x[n,i] - m[n]) / sum_j exp(x[n,j] - m[n]), m[n] = max_j x[n,j]
// dx[n,i] = y[n,i] (dy[n,i] - sum_j y[n,j] dy[n,j])
// x, y: mb x c
#pragma once

#include <cmath>

#include "kernels/families/softmax_rows/softmax_rows.h"

namespace flopmeter::softmax {

using softmax_rows::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : softmax_rows::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "softmax";
  static constexpr std::string_view equation =
      "y[n,i] = exp(x[n,i] - max_j x[n,j]) / sum_j exp(x[n,j] - max_j x[n,j])";

  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static OpCounts row_operations(std::int64_t c, Pass);

  template <class T>
  static void forward_row(std::int64_t c, const T* x, T* y) {
    using std::exp;
    subtract_largest(c, x, y);
    T sum = y[0] = exp(y[0]);
    for (std::int64_t i = 1; i < c; ++i) {
      y[i] = exp(y[i]);
      sum += y[i];
    }
    for (std::int64_t i = 0; i < c; ++i) {
      y[i] = y[i] / sum;
    }
  }

  template <class T>
  static void backward_row(std::int64_t c, const T* y, const T* dy, T* dx) {
    T sum = start_sum(y[0] * dy[0]);
    for (std::int64_t i = 1; i < c; ++i) {
      sum += y[i] * dy[i];
    }
    for (std::int64_t i = 0; i < c; ++i) {
      dx[i] = y[i] * (dy[i] - sum);
    }
  }
};

}  // namespace flopmeter::softmax
