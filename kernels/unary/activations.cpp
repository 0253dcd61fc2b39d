// The smooth activations of neural networks. Constants are PyTorch's defaults.
#include "kernels/unary/definition.h"

namespace flopmeter::unary {
namespace {

struct Elu {
  static constexpr Row about{
      .name = "elu",
      .equation = "y = x where x > 0, else a * (exp(x) - 1); a = 1",
      .forward = {.multiplies = 1, .adds = 1, .exponentials = 1, .comparisons = 1},
      .backward = {.multiplies = 2, .exponentials = 1, .comparisons = 1},
      .reads = Reads::x};
  static constexpr float a = 1;
  template <class T>
  static T value(T x) {
    return select(x > T(0), x, times(T(a), T(exp(x) - T(1))));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(x > T(0), dy, times(times(T(a), dy), exp(x)));
  }
};

/// Klambauer and others 2017.
struct Selu {
  static constexpr Row about{
      .name = "selu",
      .equation = "y = s * (x where x > 0, else a * (exp(x) - 1)), s = 1.0507, a = 1.6733",
      .forward = {.multiplies = 2, .adds = 1, .exponentials = 1, .comparisons = 1},
      .backward = {.multiplies = 3, .exponentials = 1, .comparisons = 1},
      .reads = Reads::x};
  static constexpr double a = 1.6732632423543772848;
  static constexpr double s = 1.0507009873554804934;
  template <class T>
  static T value(T x) {
    return times(T(s), select(x > T(0), x, times(T(a), T(exp(x) - T(1)))));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(x > T(0), times(T(s), dy), times(times(T(s * a), dy), exp(x)));
  }
};

struct Celu {
  static constexpr Row about{
      .name = "celu",
      .equation = "y = max(0, x) + min(0, a * (exp(x / a) - 1)), a = 1",
      .forward = {.multiplies = 1, .adds = 2, .divides = 1, .exponentials = 1, .comparisons = 2},
      .backward = {.multiplies = 1, .divides = 1, .exponentials = 1, .comparisons = 1},
      .reads = Reads::x,
      .array = true};
  static constexpr float a = 1;
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return at_least(x, T(0)) + at_most(times(T(a), exp(x / T(a)) - T(1)), T(0));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(x > T(0), dy, times(dy, exp(x / T(a))));
  }
};

/// Hendrycks and Gimpel 2016; PyTorch's default.
struct GeluErf {
  static constexpr Row about{.name = "gelu_erf",
                             .equation = "y = x / 2 * (1 + erf(x / sqrt(2)))",
                             .forward = {.multiplies = 3, .adds = 1, .erfs = 1},
                             .backward = {.multiplies = 7, .adds = 2, .exponentials = 1, .erfs = 1},
                             .reads = Reads::x,
                             .array = true};
  static constexpr double inverse_sqrt2 = 0.70710678118654752440;
  static constexpr double inverse_sqrt_2pi = 0.39894228040143267794;
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return times(times(T(0.5), x), T(1) + erf(times(x, T(inverse_sqrt2))));
  }
  /// dy (Phi(x) + x phi(x)), phi(x) = exp(-x^2/2) / sqrt(2 pi)
  template <class T>
  static T gradient(T x, T dy) {
    const T distribution = times(T(0.5), T(T(1) + erf(times(x, T(inverse_sqrt2)))));
    const T density = times(T(inverse_sqrt_2pi), exp(times(times(T(-0.5), x), x)));
    return times(dy, T(distribution + times(x, density)));
  }
};

struct GeluTanh {
  static constexpr Row about{.name = "gelu_tanh",
                             .equation = "y = x / 2 * (1 + tanh(x * (a + b * x^2)))",
                             .forward = {.multiplies = 5, .adds = 2, .tanhs = 1},
                             .backward = {.multiplies = 9, .adds = 5, .tanhs = 1},
                             .reads = Reads::x,
                             .array = true};
  static constexpr double a = 0.79788456080286535588;
  static constexpr double b = 0.044715 * a;
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return times(times(T(0.5), x), T(1) + tanh(times(x, T(a) + times(T(b), times(x, x)))));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T square = times(x, x);
    const T t = tanh(times(x, T(T(a) + times(T(b), square))));
    const T inner = T(a) + times(T(3 * b), square);
    const T slope = times(times(x, T(T(1) - times(t, t))), inner);
    return times(times(T(0.5), dy), T(T(T(1) + t) + slope));
  }
};

/// x sigma(a x), silu (swish) with a = 1. Forward without the product by 1.
struct Silu {
  static constexpr Row about{
      .name = "silu",
      .equation = "y = x / (1 + exp(-x))",
      .forward = {.adds = 1, .divides = 1, .exponentials = 1},
      .backward = {.multiplies = 3, .adds = 3, .divides = 1, .exponentials = 1},
      .reads = Reads::x,
      .array = true};
  template <class X>
  static auto value(const X& x) {
    return x / (Element<X>(1) + exp(-x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T s = T(1) / (T(1) + exp(-x));
    return times(times(dy, s), T(T(1) + times(x, T(T(1) - s))));
  }
};

struct QuickGelu {
  static constexpr Row about{
      .name = "quick_gelu",
      .equation = "y = x / (1 + exp(-1.702 * x))",
      .forward = {.multiplies = 1, .adds = 1, .divides = 1, .exponentials = 1},
      .backward = {.multiplies = 4, .adds = 3, .divides = 1, .exponentials = 1},
      .reads = Reads::x,
      .array = true};
  static constexpr float a = 1.702F;
  template <class X>
  static auto value(const X& x) {
    return x / (Element<X>(1) + exp(times(Element<X>(-a), x)));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T steep = times(T(a), x);
    const T s = T(1) / (T(1) + exp(-steep));
    return times(times(dy, s), T(T(1) + times(steep, T(T(1) - s))));
  }
};

/// Misra 2019.
struct Mish {
  static constexpr Row about{
      .name = "mish",
      .equation = "y = x * tanh(log(1 + exp(x)))",
      .forward = {.multiplies = 1, .adds = 1, .exponentials = 1, .logarithms = 1, .tanhs = 1},
      .backward = {.multiplies = 4,
                   .adds = 3,
                   .divides = 1,
                   .exponentials = 1,
                   .logarithms = 1,
                   .tanhs = 1},
      .reads = Reads::x,
      .array = true};
  template <class X>
  static auto value(const X& x) {
    return times(x, tanh(log(Element<X>(1) + exp(x))));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T e = exp(x);
    const T sum = T(1) + e;
    const T t = tanh(log(sum));
    const T slope = times(times(x, T(e / sum)), T(T(1) - times(t, t)));
    return times(dy, T(t + slope));
  }
};

struct Sigmoid {
  static constexpr Row about{.name = "sigmoid",
                             .equation = "y = 1 / (1 + exp(-x))",
                             .forward = {.adds = 1, .divides = 1, .exponentials = 1},
                             .backward = {.multiplies = 2, .adds = 1},
                             .reads = Reads::y,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return T(1) / (T(1) + exp(-x));
  }
  template <class T>
  static T gradient(T y, T dy) {
    return times(times(dy, y), T(T(1) - y));
  }
};

struct LogSigmoid {
  static constexpr Row about{.name = "log_sigmoid",
                             .equation = "y = -log(1 + exp(-x))",
                             .forward = {.adds = 1, .exponentials = 1, .logarithms = 1},
                             .backward = {.adds = 1, .divides = 1, .exponentials = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return -log(Element<X>(1) + exp(-x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / (T(1) + exp(x));
  }
};

struct Tanh {
  static constexpr Row about{.name = "tanh",
                             .equation = "y = tanh(x)",
                             .forward = {.tanhs = 1},
                             .backward = {.multiplies = 2, .adds = 1},
                             .reads = Reads::y,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return tanh(x);
  }
  template <class T>
  static T gradient(T y, T dy) {
    return times(dy, T(T(1) - times(y, y)));
  }
};

struct Softplus {
  static constexpr Row about{.name = "softplus",
                             .equation = "y = log(1 + exp(x))",
                             .forward = {.adds = 1, .exponentials = 1, .logarithms = 1},
                             .backward = {.adds = 1, .divides = 1, .exponentials = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return log(Element<X>(1) + exp(x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / (T(1) + exp(-x));
  }
};

struct Softsign {
  static constexpr Row about{.name = "softsign",
                             .equation = "y = x / (1 + |x|)",
                             .forward = {.adds = 1, .divides = 1},
                             .backward = {.multiplies = 1, .adds = 1, .divides = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return x / (Element<X>(1) + abs(x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T below = T(1) + abs(x);
    return dy / times(below, below);
  }
};

struct Tanhshrink {
  static constexpr Row about{.name = "tanhshrink",
                             .equation = "y = x - tanh(x)",
                             .forward = {.adds = 1, .tanhs = 1},
                             .backward = {.multiplies = 2, .tanhs = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return x - tanh(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T t = tanh(x);
    return times(dy, times(t, t));
  }
};

}  // namespace

std::vector<Row> activation_rows() {
  return rows_of<Elu, Selu, Celu, GeluErf, GeluTanh, QuickGelu, Silu, Mish, Sigmoid, LogSigmoid,
                 Tanh, Softplus, Softsign, Tanhshrink>();
}

}  // namespace flopmeter::unary
