// Arithmetic with two tensors.
#include "kernels/broadcast/definition.h"

namespace flopmeter::broadcast {
namespace {

template <class T>
T square_of(T x) {
  return times(x, x);
}

struct Add {
  static constexpr Row about{
      .name = "add",
      .equation = "y = a + b, dimensions of 1 repeated",
      .value = {.adds = 1},
      .gradients = {Gradient{true, {}, false}, Gradient{true, {}, false}, Gradient{}},
      .gradients_read = false,
      .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return a + b;
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>&) {
    return dy;
  }
};

struct Sub {
  static constexpr Row about{
      .name = "sub",
      .equation = "y = a - b, dimensions of 1 repeated",
      .value = {.adds = 1},
      .gradients = {Gradient{true, {}, false}, Gradient{true, {}, false}, Gradient{}},
      .gradients_read = false,
      .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return a - b;
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>&) {
    if constexpr (source == 0) {
      return dy;
    } else {
      return T(-dy);
    }
  }
};

/// A product that has not been stored yet, so that sums of several are of MACs.
struct Mul {
  static constexpr Row about{.name = "mul",
                             .equation = "y = a * b, dimensions of 1 repeated",
                             .value = {.multiplies = 1},
                             .gradients = {Gradient{true, {.multiplies = 1}, true},
                                           Gradient{true, {.multiplies = 1}, true}, Gradient{}},
                             .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return a * b;
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 0) {
      return dy * s[1];
    } else {
      return dy * s[0];
    }
  }
};

struct Div {
  static constexpr Row about{
      .name = "div",
      .equation = "y = a / b, dimensions of 1 repeated",
      .value = {.divides = 1},
      .gradients = {Gradient{true, {.divides = 1}, false},
                    Gradient{true, {.multiplies = 2, .divides = 1}, false}, Gradient{}},
      .domains = {Domain{}, Domain{Domain::Kind::positive}},
      .steepest = 4096,
      .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return a / b;
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 0) {
      return T(dy / s[1]);
    } else {
      return T(-times(dy, s[0]) / times(s[1], s[1]));
    }
  }
};

struct Pow {
  static constexpr Row about{
      .name = "pow",
      .equation = "y = a^b = exp(b * log(a)), dimensions of 1 repeated",
      .value = {.multiplies = 1, .exponentials = 1, .logarithms = 1},
      .gradients = {Gradient{true,
                             {.multiplies = 3, .divides = 1, .exponentials = 1, .logarithms = 1},
                             false},
                    Gradient{true, {.multiplies = 3, .exponentials = 1, .logarithms = 2}, false},
                    Gradient{}},
      .domains = {Domain{Domain::Kind::positive}, Domain{}},
      .steepest = 4096,
      .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return exp(times(b, log(a)));
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 0) {
      return T(times(times(dy, s[1]), value(s[0], s[1])) / s[0]);
    } else {
      return times(times(dy, value(s[0], s[1])), T(log(s[0])));
    }
  }
};

struct SquaredDifference {
  static constexpr Row about{
      .name = "squared_difference",
      .equation = "y = (a - b)^2, dimensions of 1 repeated",
      .value = {.multiplies = 1, .adds = 1},
      .gradients = {Gradient{true, {.multiplies = 2, .adds = 1}, false},
                    Gradient{true, {.multiplies = 2, .adds = 1}, false}, Gradient{}}};
  template <class T>
  static T value(T a, T b) {
    return square_of(T(a - b));
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 0) {
      return times(times(T(2), dy), T(s[0] - s[1]));
    } else {
      return times(times(T(2), dy), T(s[1] - s[0]));
    }
  }
};

}  // namespace

std::vector<Row> arithmetic_rows() { return rows_of<Add, Sub, Mul, Div, Pow, SquaredDifference>(); }

}  // namespace flopmeter::broadcast
