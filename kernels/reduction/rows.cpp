// The functions. A sum of n terms has n - 1 adds; the largest of n is found by n - 1 comparisons.
#include "kernels/families/table/definition.h"
#include "kernels/reduction/reduction.h"

namespace flopmeter::reduction {
namespace {

using elementwise::select;
using elementwise::times;
using std::abs;
using std::exp;
using std::log;
using std::sqrt;

template <class T>
using X = Terms<const T>;

template <class T, class Term>
T sum_of(const X<T>& x, const Term& term) {
  T sum = term(x[0]);
  for (std::int64_t i = 1; i < x.size(); ++i) {
    sum += term(x[i]);
  }
  return sum;
}

template <class T>
T sum_of(const X<T>& x) {
  return sum_of(x, [](T one) { return one; });
}

/// dx = gradient(x) for each term.
template <class T, class Gradient>
void spread(const Terms<T>& dx, const Gradient& gradient) {
  for (std::int64_t i = 0; i < dx.size(); ++i) {
    dx[i] = gradient(i);
  }
}

struct Sum {
  static constexpr Row about{.name = "reduce_sum",
                             .equation = "y = sum of x over the axes that are 1 in y",
                             .forward = [](std::int64_t n) { return OpCounts{.adds = n - 1}; },
                             .backward = [](std::int64_t) { return OpCounts{}; }};
  template <class T>
  static T value(const X<T>& x) {
    return sum_of(x);
  }
  template <class T>
  static void gradient(const X<T>&, T, T dy, const Terms<T>& dx) {
    spread(dx, [&](auto) { return dy; });
  }
  template <class A>
  static auto eigen(const A& x) {
    return x.sum();
  }
};

struct Mean {
  static constexpr Row about{
      .name = "reduce_mean",
      .equation = "y = mean of x over the axes that are 1 in y",
      .forward = [](std::int64_t n) { return OpCounts{.adds = n - 1, .divides = 1}; },
      .backward = [](std::int64_t) { return OpCounts{.divides = 1}; }};
  template <class T>
  static T value(const X<T>& x) {
    return sum_of(x) / T(static_cast<double>(x.size()));
  }
  template <class T>
  static void gradient(const X<T>&, T, T dy, const Terms<T>& dx) {
    const T share = dy / T(static_cast<double>(dx.size()));
    spread(dx, [&](auto) { return share; });
  }
  template <class A>
  static auto eigen(const A& x) {
    return x.sum() / typename A::Scalar(static_cast<float>(x.size()));
  }
};

/// Where x is y: dy goes to the largest or the least term.
template <class F>
struct Extreme {
  static constexpr OpCounts comparisons(std::int64_t n) { return {.comparisons = n}; }
  static constexpr OpCounts others(std::int64_t n) { return {.comparisons = n - 1}; }
  template <class T>
  static T value(const X<T>& x) {
    T best = x[0];
    for (std::int64_t i = 1; i < x.size(); ++i) {
      best = F::better(x[i], best) ? x[i] : best;
    }
    return best;
  }
  template <class T>
  static void gradient(const X<T>& x, T y, T dy, const Terms<T>& dx) {
    spread(dx, [&](std::int64_t i) { return select(x[i] == y, dy, T(0)); });
  }
};

struct Max : Extreme<Max> {
  static constexpr Row about{.name = "reduce_max",
                             .equation = "y = largest x over the axes that are 1 in y",
                             .forward = others,
                             .backward = comparisons,
                             .reads = {.x = true, .y = true}};
  template <class T>
  static bool better(T a, T b) {
    return a > b;
  }
  template <class A>
  static auto eigen(const A& x) {
    return x.maxCoeff();
  }
};

struct Min : Extreme<Min> {
  static constexpr Row about{.name = "reduce_min",
                             .equation = "y = least x over the axes that are 1 in y",
                             .forward = others,
                             .backward = comparisons,
                             .reads = {.x = true, .y = true}};
  template <class T>
  static bool better(T a, T b) {
    return a < b;
  }
  template <class A>
  static auto eigen(const A& x) {
    return x.minCoeff();
  }
};

/// The first of equal ones, counted along the reduced axes.
template <class F>
struct Place {
  template <class T>
  static T value(const X<T>& x) {
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < x.size(); ++i) {
      best = F::better(x[i], x[best]) ? i : best;
    }
    return T(static_cast<double>(best));
  }
};

struct ArgMax : Place<Max> {
  static constexpr Row about{
      .name = "argmax",
      .equation = "y = place of the largest x along the axes that are 1 in y",
      .forward = Max::others};
};

struct ArgMin : Place<Min> {
  static constexpr Row about{.name = "argmin",
                             .equation = "y = place of the least x along the axes that are 1 in y",
                             .forward = Min::others};
};

struct L1 {
  static constexpr Row about{.name = "reduce_l1",
                             .equation = "y = sum of |x| over the axes that are 1 in y",
                             .forward = Sum::about.forward,
                             .backward = Max::comparisons,
                             .reads = {.x = true}};
  template <class T>
  static T value(const X<T>& x) {
    return sum_of(x, [](T one) { return T(abs(one)); });
  }
  template <class T>
  static void gradient(const X<T>& x, T, T dy, const Terms<T>& dx) {
    spread(dx, [&](std::int64_t i) { return select(x[i] < T(0), T(-dy), dy); });
  }
  template <class A>
  static auto eigen(const A& x) {
    return x.abs().sum();
  }
};

/// Squares are multiplies and no MACs, as those of a variance.
struct SumSquare {
  static constexpr Row about{
      .name = "reduce_sum_square",
      .equation = "y = sum of x^2 over the axes that are 1 in y",
      .forward = [](std::int64_t n) { return OpCounts{.multiplies = n, .adds = n - 1}; },
      .backward = [](std::int64_t n) { return OpCounts{.multiplies = n + 1}; },
      .reads = {.x = true}};
  template <class T>
  static T value(const X<T>& x) {
    return sum_of(x, [](T one) { return times(one, one); });
  }
  template <class T>
  static void gradient(const X<T>& x, T, T dy, const Terms<T>& dx) {
    const T twice = times(T(2), dy);
    spread(dx, [&](std::int64_t i) { return times(twice, x[i]); });
  }
  template <class A>
  static auto eigen(const A& x) {
    return x.square().sum();
  }
};

struct L2 {
  static constexpr Row about{
      .name = "reduce_l2",
      .equation = "y = sqrt(sum of x^2 over the axes that are 1 in y)",
      .forward =
          [](std::int64_t n) {
            return OpCounts{.multiplies = n, .adds = n - 1, .square_roots = 1};
          },
      .backward = [](std::int64_t n) { return OpCounts{.multiplies = n, .divides = 1}; },
      .reads = {.x = true, .y = true}};
  template <class T>
  static T value(const X<T>& x) {
    return sqrt(SumSquare::value<T>(x));
  }
  template <class T>
  static void gradient(const X<T>& x, T y, T dy, const Terms<T>& dx) {
    const T share = dy / y;
    spread(dx, [&](std::int64_t i) { return times(share, x[i]); });
  }
  template <class A>
  static auto eigen(const A& x) {
    return sqrt(x.square().sum());
  }
};

struct LogSum {
  static constexpr Row about{
      .name = "reduce_log_sum",
      .equation = "y = log(sum of x over the axes that are 1 in y)",
      .forward = [](std::int64_t n) { return OpCounts{.adds = n - 1, .logarithms = 1}; },
      .backward = [](std::int64_t) { return OpCounts{.multiplies = 1, .exponentials = 1}; },
      .reads = {.y = true},
      .domain = {.kind = Domain::Kind::positive}};
  template <class T>
  static T value(const X<T>& x) {
    return log(sum_of(x));
  }
  template <class T>
  static void gradient(const X<T>&, T y, T dy, const Terms<T>& dx) {
    const T share = times(dy, T(exp(-y)));
    spread(dx, [&](auto) { return share; });
  }
  template <class A>
  static auto eigen(const A& x) {
    return log(x.sum());
  }
};

/// With the largest x taken out, so that no exponential overflows.
struct LogSumExp {
  static constexpr Row about{
      .name = "reduce_logsumexp",
      .equation = "y = log(sum of exp(x) over the axes that are 1 in y)",
      .forward =
          [](std::int64_t n) {
            return OpCounts{
                .adds = 2 * n, .exponentials = n, .logarithms = 1, .comparisons = n - 1};
          },
      .backward =
          [](std::int64_t n) { return OpCounts{.multiplies = n, .adds = n, .exponentials = n}; },
      .reads = {.x = true, .y = true}};
  template <class T>
  static T value(const X<T>& x) {
    const T largest = Max::value<T>(x);
    return largest + log(sum_of(x, [&](T one) { return T(exp(one - largest)); }));
  }
  template <class T>
  static void gradient(const X<T>& x, T y, T dy, const Terms<T>& dx) {
    spread(dx, [&](std::int64_t i) { return times(dy, T(exp(x[i] - y))); });
  }
  template <class A>
  static auto eigen(const A& x) {
    const auto largest = x.maxCoeff();
    return largest + log((x - largest).exp().sum());
  }
};

template <class F, class T>
T value_function(const X<T>& x) {
  return F::template value<T>(x);
}
template <class F, class T>
void gradient_function(const X<T>& x, T y, T dy, const Terms<T>& dx) {
  F::template gradient<T>(x, y, dy, dx);
}

/// Eigen walks over packets where the terms are neighbours.
template <class F, class T>
T eigen_function(const T* x, std::int64_t n, std::int64_t stride) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  if (stride == 1) {
    return F::eigen(Eigen::Map<const Array>(x, n));
  }
  const Eigen::InnerStride<> step(stride);
  return F::eigen(Eigen::Map<const Array, 0, Eigen::InnerStride<>>(x, n, step));
}

template <class F>
Row row_of() {
  Row row = F::about;
  row.values = {value_function<F, float>, value_function<F, double>,
                value_function<F, Counted<float>>, value_function<F, Counted<double>>};
  if constexpr (F::about.backward != nullptr) {
    row.gradients = {gradient_function<F, float>, gradient_function<F, double>,
                     gradient_function<F, Counted<float>>, gradient_function<F, Counted<double>>};
    row.eigen = eigen_function<F, float>;
    row.counted_eigen = eigen_function<F, Counted<float>>;
  }
  return row;
}

template <class... F>
std::vector<Row> rows_of() {
  return {row_of<F>()...};
}

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all =
      rows_of<Sum, Mean, Max, Min, ArgMax, ArgMin, L1, L2, SumSquare, LogSum, LogSumExp>();
  return all;
}

}  // namespace flopmeter::reduction
