// Rows by Eigen, on threads. A layer gives what is done to one row as `Row::normalise(x, y)`.
#pragma once

#include <Eigen/Core>
#include <variant>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/families/softmax_rows/softmax_rows.h"

namespace flopmeter::softmax_rows {

template <class Row, class T>
void normalise(const Shape& s, const T* x, T* y, int threads) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  eigen::share(s.mb, threads, [&](std::int64_t n) {
    const Eigen::Map<const Array> from(x + n * s.c, s.c);
    Eigen::Map<Array> to(y + n * s.c, s.c);
    Row::normalise(from, to);
  });
}

template <class Row>
Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = [s, x = tensors["src"], y = tensors["dst"],
                          threads = setup.threads] { normalise<Row>(s, x, y, threads); },
                  .implementation = "Eigen array expressions"};
}

/// The operations are those of the reference, and so are the counts.
template <class L, class Row>
Backend<Shape> eigen_backend() {
  return {"eigen", prepare_eigen<Row>,
          [](const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
            normalise<Row, Counted<float>>(s, tensors["src"], tensors["dst"], 1);
          },
          [](const Shape& s, Pass pass) { return L::formula(s, pass).in_bounds; }};
}

}  // namespace flopmeter::softmax_rows
