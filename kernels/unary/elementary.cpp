// Elementary functions. Hyperbolic functions and their inverses are what they are made of.
#include "kernels/unary/definition.h"

namespace flopmeter::unary {
namespace {

/// A sign bit cleared is no operation; its gradient is a selection.
struct Abs {
  static constexpr Row about{.name = "abs",
                             .equation = "y = |x|",
                             .forward = {},
                             .backward = {.comparisons = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return abs(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return select(x < T(0), T(-dy), dy);
  }
};

struct Neg {
  static constexpr Row about{.name = "neg",
                             .equation = "y = -x",
                             .forward = {},
                             .backward = {},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return -x;
  }
  template <class T>
  static T gradient(T /*x*/, T dy) {
    return -dy;
  }
};

struct Sign {
  static constexpr Row about{.name = "sign",
                             .equation = "y = 1 where x > 0, -1 where x < 0, else 0",
                             .forward = {.comparisons = 2}};
  template <class T>
  static T value(T x) {
    return select(x > T(0), T(1), select(x < T(0), T(-1), T(0)));
  }
};

struct Reciprocal {
  static constexpr Row about{.name = "reciprocal",
                             .equation = "y = 1 / x",
                             .forward = {.divides = 1},
                             .backward = {.multiplies = 2},
                             .reads = Reads::y,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return T(1) / x;
  }
  template <class T>
  static T gradient(T y, T dy) {
    return -times(times(dy, y), y);
  }
};

struct Square {
  static constexpr Row about{.name = "square",
                             .equation = "y = x^2",
                             .forward = {.multiplies = 1},
                             .backward = {.multiplies = 2},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return times(x, x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return times(times(T(2), dy), x);
  }
};

struct Cube {
  static constexpr Row about{.name = "cube",
                             .equation = "y = x^3",
                             .forward = {.multiplies = 2},
                             .backward = {.multiplies = 3},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return times(times(x, x), x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return times(times(T(3), dy), times(x, x));
  }
};

struct Sqrt {
  static constexpr Row about{.name = "sqrt",
                             .equation = "y = sqrt(x)",
                             .forward = {.square_roots = 1},
                             .backward = {.multiplies = 1, .divides = 1},
                             .reads = Reads::y,
                             .domain = {Domain::Kind::positive},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return sqrt(x);
  }
  template <class T>
  static T gradient(T y, T dy) {
    return times(T(0.5), dy) / y;
  }
};

struct Rsqrt {
  static constexpr Row about{.name = "rsqrt",
                             .equation = "y = 1 / sqrt(x)",
                             .forward = {.divides = 1, .square_roots = 1},
                             .backward = {.multiplies = 4},
                             .reads = Reads::y,
                             .domain = {Domain::Kind::positive},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return T(1) / sqrt(x);
  }
  template <class T>
  static T gradient(T y, T dy) {
    return times(times(times(T(-0.5), dy), y), times(y, y));
  }
};

struct Exp {
  static constexpr Row about{.name = "exp",
                             .equation = "y = exp(x)",
                             .forward = {.exponentials = 1},
                             .backward = {.multiplies = 1},
                             .reads = Reads::y,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return exp(x);
  }
  template <class T>
  static T gradient(T y, T dy) {
    return times(dy, y);
  }
};

struct Expm1 {
  static constexpr Row about{.name = "expm1",
                             .equation = "y = exp(x) - 1",
                             .forward = {.adds = 1, .exponentials = 1},
                             .backward = {.multiplies = 1, .adds = 1},
                             .reads = Reads::y,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return exp(x) - T(1);
  }
  template <class T>
  static T gradient(T y, T dy) {
    return times(dy, T(y + T(1)));
  }
};

struct Log {
  static constexpr Row about{.name = "log",
                             .equation = "y = log(x)",
                             .forward = {.logarithms = 1},
                             .backward = {.divides = 1},
                             .reads = Reads::x,
                             .domain = {Domain::Kind::positive},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return log(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / x;
  }
};

struct Log1p {
  static constexpr Row about{.name = "log1p",
                             .equation = "y = log(1 + x)",
                             .forward = {.adds = 1, .logarithms = 1},
                             .backward = {.adds = 1, .divides = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return log(T(1) + x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / (T(1) + x);
  }
};

struct Log2 {
  static constexpr Row about{.name = "log2",
                             .equation = "y = log(x) / log(2)",
                             .forward = {.multiplies = 1, .logarithms = 1},
                             .backward = {.multiplies = 1, .divides = 1},
                             .reads = Reads::x,
                             .domain = {Domain::Kind::positive},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return times(T(1.44269504088896340736), log(x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return times(T(1.44269504088896340736), dy) / x;
  }
};

struct Sinh {
  static constexpr Row about{.name = "sinh",
                             .equation = "y = (exp(x) - exp(-x)) / 2",
                             .forward = {.multiplies = 1, .adds = 1, .exponentials = 2},
                             .backward = {.multiplies = 2, .adds = 1, .exponentials = 2},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return times(T(0.5), exp(x) - exp(-x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return times(times(T(0.5), dy), T(exp(x) + exp(-x)));
  }
};

struct Cosh {
  static constexpr Row about{.name = "cosh",
                             .equation = "y = (exp(x) + exp(-x)) / 2",
                             .forward = {.multiplies = 1, .adds = 1, .exponentials = 2},
                             .backward = {.multiplies = 2, .adds = 1, .exponentials = 2},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return times(T(0.5), exp(x) + exp(-x));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return times(times(T(0.5), dy), T(exp(x) - exp(-x)));
  }
};

struct Asinh {
  static constexpr Row about{
      .name = "asinh",
      .equation = "y = log(x + sqrt(x^2 + 1))",
      .forward = {.multiplies = 1, .adds = 2, .square_roots = 1, .logarithms = 1},
      .backward = {.multiplies = 1, .adds = 1, .divides = 1, .square_roots = 1},
      .reads = Reads::x,
      .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return log(x + sqrt(times(x, x) + T(1)));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / sqrt(T(times(x, x) + T(1)));
  }
};

struct Atanh {
  static constexpr Row about{.name = "atanh",
                             .equation = "y = log((1 + x) / (1 - x)) / 2",
                             .forward = {.multiplies = 1, .adds = 2, .divides = 1, .logarithms = 1},
                             .backward = {.multiplies = 1, .adds = 1, .divides = 1},
                             .reads = Reads::x,
                             .domain = {.scale = 0.5F},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return times(T(0.5), log((T(1) + x) / (T(1) - x)));
  }
  template <class T>
  static T gradient(T x, T dy) {
    return dy / (T(1) - times(x, x));
  }
};

struct Erf {
  static constexpr Row about{.name = "erf",
                             .equation = "y = erf(x)",
                             .forward = {.erfs = 1},
                             .backward = {.multiplies = 3, .exponentials = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return erf(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    return times(times(T(1.12837916709551257390), dy), exp(-times(x, x)));
  }
};

struct Affine {
  static constexpr Row about{.name = "affine",
                             .equation = "y = a * x + b, a = 1/2, b = 1/4",
                             .forward = {.multiplies = 1, .adds = 1},
                             .backward = {.multiplies = 1},
                             .reads = Reads::x,
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    using T = Element<X>;
    return times(T(0.5), x) + T(0.25);
  }
  template <class T>
  static T gradient(T /*x*/, T dy) {
    return times(T(0.5), dy);
  }
};

}  // namespace

std::vector<Row> elementary_rows() {
  return rows_of<Abs, Neg, Sign, Reciprocal, Square, Cube, Sqrt, Rsqrt, Exp, Expm1, Log, Log1p,
                 Log2, Sinh, Cosh, Asinh, Atanh, Erf, Affine>();
}

}  // namespace flopmeter::unary
