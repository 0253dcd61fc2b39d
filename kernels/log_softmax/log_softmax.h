// y[n,i] = x[n,i] - m[n] - ln sum_j exp(x[n,j] - m[n]), m[n] = max_j x[n,j]
// dx[n,i] = dy[n,i] - exp(y[n,i]) sum_j dy[n,j]
// x, y: mb x c
#pragma once

#include <cmath>

#include "kernels/families/softmax_rows/softmax_rows.h"

namespace flopmeter::log_softmax {

using softmax_rows::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : softmax_rows::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "log_softmax";
  static constexpr std::string_view equation =
      "y[n,i] = x[n,i] - max_j x[n,j] - ln(sum_j exp(x[n,j] - max_j x[n,j]))";

  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static OpCounts row_operations(std::int64_t c, Pass);

  template <class T>
  static void forward_row(std::int64_t c, const T* x, T* y) {
    using std::exp;
    using std::log;
    subtract_largest(c, x, y);
    T sum = exp(y[0]);
    for (std::int64_t i = 1; i < c; ++i) {
      sum += exp(y[i]);
    }
    const T logarithm = log(sum);
    for (std::int64_t i = 0; i < c; ++i) {
      y[i] = y[i] - logarithm;
    }
  }

  /// The product is stored before it is subtracted: no accumulator, no MAC.
  template <class T>
  static void backward_row(std::int64_t c, const T* y, const T* dy, T* dx) {
    using std::exp;
    T sum = dy[0];
    for (std::int64_t i = 1; i < c; ++i) {
      sum += dy[i];
    }
    for (std::int64_t i = 0; i < c; ++i) {
      dx[i] = dy[i] - T(exp(y[i]) * sum);
    }
  }
};

}  // namespace flopmeter::log_softmax
