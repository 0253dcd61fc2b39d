// How a function of several numbers is defined, once for scalars and, where it may be, for Eigen's arrays
// of them. Only the files of rows include this.
//
// A definition F has
//   about                     name, equation, counts, which gradients exist
//   value(a, b) or (a, b, c)  of one element
//   gradient<i>(dy, s)        one term of the gradient of source i, from the sources' elements s
// No product is a MAC but those that a gradient sums up as they stand.
#pragma once

#include "kernels/broadcast/broadcast.h"
#include "kernels/families/table/definition.h"

namespace flopmeter::broadcast {

using elementwise::converted;
using elementwise::Element;
using elementwise::select;
using elementwise::times;
using std::atan;
using std::exp;
using std::floor;
using std::log;
using std::rint;

template <class T>
using Elements = std::array<T, most_sources>;

template <class F, class T>
void value_loop(std::int64_t n, const Slices<T>& s, T* y) {
  if constexpr (F::about.sources == 2) {
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = F::value(s.at[0][i * s.steps[0]], s.at[1][i * s.steps[1]]);
    }
  } else {
    for (std::int64_t i = 0; i < n; ++i) {
      y[i] = F::value(s.at[0][i * s.steps[0]], s.at[1][i * s.steps[1]], s.at[2][i * s.steps[2]]);
    }
  }
}

/// The first term of a gradient's sum: a product starts an accumulator, unless it is all there is.
template <class T>
T first_term(T term, std::int64_t /*terms*/) {
  return term;
}
template <class T>
Counted<T> first_term(Product<T> term, std::int64_t terms) {
  return terms == 1 ? Counted<T>(term) : start_sum(term);
}

template <class F, std::size_t source, class T>
void gradient_loop(std::int64_t n, const T* dy, const Slices<T>& s, const Sum<T>& sum) {
  for (std::int64_t i = 0; i < n; ++i) {
    Elements<T> elements{};
    for (std::size_t k = 0; k < F::about.sources && s.at[k] != nullptr; ++k) {
      elements[k] = s.at[k][i * s.steps[k]];
    }
    const auto term = F::template gradient<source>(dy[i], elements);
    T& to = sum.at[i * sum.step];
    if (sum.begins && (sum.step != 0 || i == 0)) {
      to = first_term(term, sum.terms);
    } else {
      to += term;
    }
  }
}

/// Eigen's loop over packets. A source that is repeated all along the row is a constant.
template <class F, class T>
void evaluate(std::int64_t n, const Slices<T>& s, T* to) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  const auto row = [&](std::size_t i) { return Eigen::Map<const Array>(s.at[i], n); };
  const auto constant = [&](std::size_t i) { return Array::Constant(n, *s.at[i]); };
  Eigen::Map<Array> y(to, n);
  if (s.steps[0] == 0) {
    y = F::value(constant(0), row(1));
  } else if (s.steps[1] == 0) {
    y = F::value(row(0), constant(1));
  } else {
    y = F::value(row(0), row(1));
  }
}

template <class F, std::size_t source>
ForScalars<GradientLoop> gradient_loops() {
  if constexpr (F::about.gradients[source].exists) {
    return {gradient_loop<F, source, float>, gradient_loop<F, source, double>,
            gradient_loop<F, source, Counted<float>>, gradient_loop<F, source, Counted<double>>};
  } else {
    return {};
  }
}

template <class F>
Row row_of() {
  Row row = F::about;
  row.values = {value_loop<F, float>, value_loop<F, double>, value_loop<F, Counted<float>>,
                value_loop<F, Counted<double>>};
  row.gradient_loops = {gradient_loops<F, 0>(), gradient_loops<F, 1>(), gradient_loops<F, 2>()};
  if constexpr (F::about.array) {
    static_assert(F::about.sources == 2);
    row.eigen = evaluate<F, float>;
    row.counted_eigen = evaluate<F, Counted<float>>;
  }
  return row;
}

template <class... F>
std::vector<Row> rows_of() {
  return {row_of<F>()...};
}

}  // namespace flopmeter::broadcast
