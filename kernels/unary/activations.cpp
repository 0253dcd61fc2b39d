// The activations of neural networks. Constants are PyTorch's defaults.
#include "kernels/unary/definition.h"

namespace flopmeter::unary {
namespace {

struct Relu {
  static constexpr Row about{.name = "relu",
                             .equation = "y = max(x, 0)",
                             .forward = {.comparisons = 1},
                             .backward = {.comparisons = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return at_least(x, Element<X>(0));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(x > T(0), dy, T(0));
  }
};

/// y = x within the bounds: what relu6, hardtanh and clip share.
template <class F>
struct Clamp {
  template <class X>
  static auto value(const X& x) {
    return at_most(at_least(x, Element<X>(F::low)), Element<X>(F::high));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T below = select(x < T(F::high), dy, T(0));
    return select(x > T(F::low), below, T(0));
  }
};
constexpr OpCounts two_comparisons{.comparisons = 2};

struct Relu6 : Clamp<Relu6> {
  static constexpr Row about{.name = "relu6",
                             .equation = "y = min(max(x, 0), 6)",
                             .forward = two_comparisons,
                             .backward = two_comparisons,
                             .reads = Reads::x,
                             .array = true};
  static constexpr float low = 0;
  static constexpr float high = 6;
};

struct Hardtanh : Clamp<Hardtanh> {
  static constexpr Row about{.name = "hardtanh",
                             .equation = "y = min(max(x, -1), 1)",
                             .forward = two_comparisons,
                             .backward = two_comparisons,
                             .reads = Reads::x,
                             .array = true};
  static constexpr float low = -1;
  static constexpr float high = 1;
};

/// The bounds do not matter to any count; these have both of them act on the numbers of the ledger.
struct Clip : Clamp<Clip> {
  static constexpr Row about{.name = "clip",
                             .equation = "y = min(max(x, a), b), a = -1/2, b = 1/2",
                             .forward = two_comparisons,
                             .backward = two_comparisons,
                             .reads = Reads::x,
                             .array = true};
  static constexpr float low = -0.5F;
  static constexpr float high = 0.5F;
};

struct LeakyRelu {
  static constexpr Row about{.name = "leaky_relu",
                             .equation = "y = max(x, 0.01 * x)",
                             .forward = {.multiplies = 1, .comparisons = 1},
                             .backward = {.multiplies = 1, .comparisons = 1},
                             .reads = Reads::x,
                             .array = true};
  static constexpr float slope = 0.01F;  // the same number in every dtype
  template <class X>
  static auto value(const X& x) {
    const auto below = times(Element<X>(slope), x);
    if constexpr (ArrayExpression<X>) {
      return x.max(below);
    } else {
      using std::max;
      return max(x, below);
    }
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(x > T(0), dy, times(T(slope), dy));
  }
};

struct ThresholdedRelu {
  static constexpr Row about{.name = "thresholded_relu",
                             .equation = "y = x where x > a, else 0; a = 1/4",
                             .forward = {.comparisons = 1},
                             .backward = {.comparisons = 1},
                             .reads = Reads::x};
  template <class T>
  static T value(T x) {
    return select(x > T(0.25), x, T(0));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(x > T(0.25), dy, T(0));
  }
};

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

struct Hardsigmoid {
  static constexpr Row about{.name = "hardsigmoid",
                             .equation = "y = min(max(x / 6 + 1/2, 0), 1)",
                             .forward = {.multiplies = 1, .adds = 1, .comparisons = 2},
                             .backward = {.multiplies = 1, .comparisons = 2},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return at_most(at_least(times(x, T(1.0 / 6)) + T(0.5), T(0)), T(1));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T below = select(x < T(3), times(T(1.0 / 6), dy), T(0));
    return select(x > T(-3), below, T(0));
  }
};

struct Hardswish {
  static constexpr Row about{.name = "hardswish",
                             .equation = "y = x * min(max(x / 6 + 1/2, 0), 1)",
                             .forward = {.multiplies = 2, .adds = 1, .comparisons = 2},
                             .backward = {.multiplies = 2, .adds = 1, .comparisons = 2},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return times(x, Hardsigmoid::value(x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T third = times(x, T(1.0 / 3));
    const T below = select(x < T(3), T(third + T(0.5)), T(1));
    return times(dy, select(x > T(-3), below, T(0)));
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

struct Hardshrink {
  static constexpr Row about{.name = "hardshrink",
                             .equation = "y = x where |x| > 1/2, else 0",
                             .forward = {.comparisons = 1},
                             .backward = {.comparisons = 1},
                             .reads = Reads::x};
  template <class T>
  static T value(T x) {
    return select(abs(x) > T(0.5), x, T(0));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(abs(x) > T(0.5), dy, T(0));
  }
};

struct Softshrink {
  static constexpr Row about{
      .name = "softshrink",
      .equation = "y = x - 1/2 where x > 1/2, x + 1/2 where x < -1/2, else 0",
      .forward = {.adds = 2, .comparisons = 2},
      .backward = {.comparisons = 1},
      .reads = Reads::x};
  template <class T>
  static T value(T x) {
    const T below = select(x < T(-0.5), T(x + T(0.5)), T(0));
    return select(x > T(0.5), T(x - T(0.5)), below);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return Hardshrink::gradient(x, dy);
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
  return rows_of<Relu, Relu6, LeakyRelu, ThresholdedRelu, Elu, Selu, Celu, GeluErf, GeluTanh,
                 QuickGelu, Silu, Mish, Sigmoid, LogSigmoid, Hardsigmoid, Hardswish, Hardtanh, Clip,
                 Tanh, Softplus, Softsign, Hardshrink, Softshrink, Tanhshrink>();
}

}  // namespace flopmeter::unary
