// Sines and cosines, tangents, and their inverses.
#include "kernels/unary/definition.h"

namespace flopmeter::unary {
namespace {

struct Sin {
  static constexpr Row about{.name = "sin",
                             .equation = "y = sin(x)",
                             .forward = {.trigonometrics = 1},
                             .backward = {.multiplies = 1, .trigonometrics = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return sin(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return times(dy, cos(x));
  }
};

struct Cos {
  static constexpr Row about{.name = "cos",
                             .equation = "y = cos(x)",
                             .forward = {.trigonometrics = 1},
                             .backward = {.multiplies = 1, .trigonometrics = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return cos(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return -times(dy, sin(x));
  }
};

struct Tan {
  static constexpr Row about{.name = "tan",
                             .equation = "y = tan(x)",
                             .forward = {.trigonometrics = 1},
                             .backward = {.multiplies = 2, .adds = 1},
                             .reads = Reads::y,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return tan(x);
  }
  template <class T>
  static T gradient(T y, T dy) {
    return times(dy, T(T(1) + times(y, y)));
  }
};

struct Asin {
  static constexpr Row about{
      .name = "asin",
      .equation = "y = arcsin(x)",
      .forward = {.trigonometrics = 1},
      .backward = {.multiplies = 1, .adds = 1, .divides = 1, .square_roots = 1},
      .reads = Reads::x,
      .array = true};
  template <class X>
  static auto value(const X& x) {
    return asin(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / sqrt(T(T(1) - times(x, x)));
  }
};

struct Acos {
  static constexpr Row about{
      .name = "acos",
      .equation = "y = arccos(x)",
      .forward = {.trigonometrics = 1},
      .backward = {.multiplies = 1, .adds = 1, .divides = 1, .square_roots = 1},
      .reads = Reads::x,
      .array = true};
  template <class X>
  static auto value(const X& x) {
    return acos(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return -dy / sqrt(T(T(1) - times(x, x)));
  }
};

struct Atan {
  static constexpr Row about{.name = "atan",
                             .equation = "y = arctan(x)",
                             .forward = {.trigonometrics = 1},
                             .backward = {.multiplies = 1, .adds = 1, .divides = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return atan(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / (T(1) + times(x, x));
  }
};

struct Acosh {
  static constexpr Row about{
      .name = "acosh",
      .equation = "y = log(x + sqrt(x^2 - 1))",
      .forward = {.multiplies = 1, .adds = 2, .square_roots = 1, .logarithms = 1},
      .backward = {.multiplies = 1, .adds = 1, .divides = 1, .square_roots = 1},
      .reads = Reads::x,
      .domain = {Domain::Kind::from_one},
      .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return log(x + sqrt(times(x, x) - T(1)));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / sqrt(T(times(x, x) - T(1)));
  }
};

}  // namespace

std::vector<Row> trigonometric_rows() { return rows_of<Sin, Cos, Tan, Asin, Acos, Atan, Acosh>(); }

}  // namespace flopmeter::unary
