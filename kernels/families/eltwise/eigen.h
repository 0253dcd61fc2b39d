// y[i] = f(x[i]) by Eigen. An activation gives its expression as `Expression::of(x)`, with the
// operations of its reference, one for one: Eigen fuses them into one loop over packets, and its
// exp, tanh and erf, polynomials there, count as one operation each.
#pragma once

#include <Eigen/Core>
#include <variant>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/support.h"
#include "kernels/families/eltwise/eltwise.h"
#include "kernels/families/eltwise/pieces.h"

namespace flopmeter::eltwise {

template <class Expression, class T>
void evaluate(std::int64_t elements, const T* x, T* y, int threads) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  in_pieces(elements, threads, [&](std::int64_t begin, std::int64_t length) {
    Eigen::Map<Array>(y + begin, length) =
        Expression::of(Eigen::Map<const Array>(x + begin, length));
  });
}

template <class Expression>
Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = [n = s.elements(), x = tensors["src"], y = tensors["dst"],
                          threads = setup.threads] { evaluate<Expression>(n, x, y, threads); },
                  .implementation = "Eigen array expression"};
}

/// The operations are those of the reference, and so are the counts.
template <class L, class Expression>
Backend<Shape> eigen_backend() {
  return {"eigen", prepare_eigen<Expression>,
          [](const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
            evaluate<Expression, Counted<float>>(s.elements(), tensors["src"], tensors["dst"], 1);
          },
          [](const Shape& s, Pass pass) { return L::formula(s, pass).in_bounds; }};
}

}  // namespace flopmeter::eltwise
