// The activations of neural networks that are put together of straight lines, or of parabolas, by
// comparisons. Constants are PyTorch's defaults.
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

}  // namespace

std::vector<Row> piecewise_rows() {
  return rows_of<Relu, Relu6, LeakyRelu, ThresholdedRelu, Hardsigmoid, Hardswish, Hardtanh, Clip,
                 Hardshrink, Softshrink>();
}

}  // namespace flopmeter::unary
