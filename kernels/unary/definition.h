// How a function is defined, once for scalars and, where it may be, for Eigen's arrays of them. Only the
// files of rows include this.
//
// A definition F has
//   about             name, equation, counts of one element, what the gradient reads
//   value(x)          f(x)
//   gradient(r, dy)   dy * f', r being x or y as `about.reads` says; none where it says nothing
// There is no accumulator in these functions, so no product of them is a MAC: products are stored, by
// times(), before they are added to something.
#pragma once

#include "kernels/families/table/definition.h"
#include "kernels/unary/unary.h"

namespace flopmeter::unary {

using elementwise::ArrayExpression;
using elementwise::at_least;
using elementwise::at_most;
using elementwise::converted;
using elementwise::Element;
using elementwise::select;
using elementwise::times;
using std::abs;
using std::acos;
using std::asin;
using std::atan;
using std::ceil;
using std::cos;
using std::erf;
using std::exp;
using std::floor;
using std::log;
using std::rint;
using std::sin;
using std::sqrt;
using std::tan;
using std::tanh;
using std::trunc;

/// Eigen's loop: over packets where the definition is an array expression, else scalar by scalar.
template <class F, class T>
void evaluate(std::int64_t n, const T* from, T* to) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  const Eigen::Map<const Array> x(from, n);
  Eigen::Map<Array> y(to, n);
  if constexpr (F::about.array) {
    y = F::value(x);
  } else {
    y = x.unaryExpr([](T one) -> T { return F::value(one); });
  }
}

template <class F, class T>
void value_loop(std::int64_t n, const T* x, T* y) {
  for (std::int64_t i = 0; i < n; ++i) {
    y[i] = F::value(x[i]);
  }
}

template <class F, class T>
void gradient_loop(std::int64_t n, const T* read, const T* dy, T* dx) {
  for (std::int64_t i = 0; i < n; ++i) {
    dx[i] = F::gradient(read[i], dy[i]);
  }
}

template <class F>
Row row_of() {
  Row row = F::about;
  row.values = {value_loop<F, float>, value_loop<F, double>, value_loop<F, Counted<float>>,
                value_loop<F, Counted<double>>};
  if constexpr (F::about.reads != Reads::nothing) {
    row.gradients = {gradient_loop<F, float>, gradient_loop<F, double>,
                     gradient_loop<F, Counted<float>>, gradient_loop<F, Counted<double>>};
  }
  row.eigen = evaluate<F, float>;
  row.counted_eigen = evaluate<F, Counted<float>>;
  return row;
}

template <class... F>
std::vector<Row> rows_of() {
  return {row_of<F>()...};
}

}  // namespace flopmeter::unary
