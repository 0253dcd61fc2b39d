// Comparisons, selections, and numbers made of bytes.
#include "kernels/broadcast/definition.h"

namespace flopmeter::broadcast {
namespace {

template <class A, class B>
auto larger(const A& a, const B& b) {
  if constexpr (elementwise::ArrayExpression<A>) {
    return a.max(b);
  } else {
    using std::max;
    return max(a, b);
  }
}

template <class A, class B>
auto smaller(const A& a, const B& b) {
  if constexpr (elementwise::ArrayExpression<A>) {
    return a.min(b);
  } else {
    using std::min;
    return min(a, b);
  }
}

struct Max {
  static constexpr Row about{.name = "max",
                             .equation = "y = max(a, b), dimensions of 1 repeated",
                             .value = {.comparisons = 1},
                             .gradients = {Gradient{true, {.comparisons = 1}, false},
                                           Gradient{true, {.comparisons = 1}, false}, Gradient{}},
                             .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return larger(a, b);
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 0) {
      return select(s[0] > s[1], dy, T(0));
    } else {
      return select(s[0] > s[1], T(0), dy);
    }
  }
};

struct Min {
  static constexpr Row about{.name = "min",
                             .equation = "y = min(a, b), dimensions of 1 repeated",
                             .value = {.comparisons = 1},
                             .gradients = {Gradient{true, {.comparisons = 1}, false},
                                           Gradient{true, {.comparisons = 1}, false}, Gradient{}},
                             .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return smaller(a, b);
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 0) {
      return select(s[0] < s[1], dy, T(0));
    } else {
      return select(s[0] < s[1], T(0), dy);
    }
  }
};

struct Equal {
  static constexpr Row about{
      .name = "equal",
      .equation = "y = 1 where a = b, else 0, dimensions of 1 repeated",
      .value = {.comparisons = 1},
      .domains = {Domain{Domain::Kind::index, 8}, Domain{Domain::Kind::index, 8}}};
  template <class T>
  static T value(T a, T b) {
    return select(a == b, T(1), T(0));
  }
};

struct NotEqual {
  static constexpr Row about{
      .name = "not_equal",
      .equation = "y = 1 where a and b differ, else 0, dimensions of 1 repeated",
      .value = {.comparisons = 1},
      .domains = {Domain{Domain::Kind::index, 8}, Domain{Domain::Kind::index, 8}}};
  template <class T>
  static T value(T a, T b) {
    return select(a != b, T(1), T(0));
  }
};

struct Less {
  static constexpr Row about{.name = "less",
                             .equation = "y = 1 where a < b, else 0, dimensions of 1 repeated",
                             .value = {.comparisons = 1}};
  template <class T>
  static T value(T a, T b) {
    return select(a < b, T(1), T(0));
  }
};

struct LessEqual {
  static constexpr Row about{
      .name = "less_equal",
      .equation = "y = 1 where a <= b, else 0, dimensions of 1 repeated",
      .value = {.comparisons = 1},
      .domains = {Domain{Domain::Kind::index, 8}, Domain{Domain::Kind::index, 8}}};
  template <class T>
  static T value(T a, T b) {
    return select(a <= b, T(1), T(0));
  }
};

struct Greater {
  static constexpr Row about{.name = "greater",
                             .equation = "y = 1 where a > b, else 0, dimensions of 1 repeated",
                             .value = {.comparisons = 1}};
  template <class T>
  static T value(T a, T b) {
    return select(a > b, T(1), T(0));
  }
};

struct GreaterEqual {
  static constexpr Row about{
      .name = "greater_equal",
      .equation = "y = 1 where a >= b, else 0, dimensions of 1 repeated",
      .value = {.comparisons = 1},
      .domains = {Domain{Domain::Kind::index, 8}, Domain{Domain::Kind::index, 8}}};
  template <class T>
  static T value(T a, T b) {
    return select(a >= b, T(1), T(0));
  }
};

struct Prelu {
  static constexpr Row about{
      .name = "prelu",
      .equation = "y = a where a > 0, else b * a, dimensions of 1 repeated; b is learned",
      .value = {.multiplies = 1, .comparisons = 1},
      .gradients = {Gradient{true, {.multiplies = 1, .comparisons = 1}, false},
                    Gradient{true, {.multiplies = 1, .comparisons = 1}, false}, Gradient{}},
      .parameter = 1};
  template <class T>
  static T value(T a, T b) {
    return select(a > T(0), a, times(b, a));
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 0) {
      return select(s[0] > T(0), dy, times(dy, s[1]));
    } else {
      return select(s[0] > T(0), T(0), times(dy, s[0]));
    }
  }
};

struct Where {
  static constexpr Row about{.name = "where",
                             .equation = "y = b where a is not 0, else c, dimensions of 1 repeated",
                             .sources = 3,
                             .value = {.comparisons = 1},
                             .gradients = {Gradient{}, Gradient{true, {.comparisons = 1}, false},
                                           Gradient{true, {.comparisons = 1}, false}},
                             .domains = {Domain{Domain::Kind::index, 2}, Domain{}, Domain{}}};
  template <class T>
  static T value(T a, T b, T c) {
    return select(a != T(0), b, c);
  }
  template <std::size_t source, class T>
  static auto gradient(T dy, const Elements<T>& s) {
    if constexpr (source == 1) {
      return select(s[0] != T(0), dy, T(0));
    } else {
      return select(s[0] != T(0), T(0), dy);
    }
  }
};

/// clip with bounds that are tensors.
struct Clamp {
  static constexpr Row about{.name = "clamp",
                             .equation = "y = min(max(a, b), c), dimensions of 1 repeated",
                             .sources = 3,
                             .value = {.comparisons = 2}};
  template <class T>
  static T value(T a, T b, T c) {
    return smaller(larger(a, b), c);
  }
};

struct Dequantize {
  static constexpr Row about{
      .name = "dequantize",
      .equation = "y = (a - c) * b, a and c bytes; dimensions of 1 repeated",
      .sources = 3,
      .value = {.multiplies = 1, .adds = 1, .conversions = 1},
      .domains = {Domain{Domain::Kind::index, 256}, Domain{Domain::Kind::positive},
                  Domain{Domain::Kind::index, 256}}};
  template <class T>
  static T value(T a, T b, T c) {
    return times(T(converted(a) - c), b);
  }
};

}  // namespace

std::vector<Row> selection_rows() {
  return rows_of<Max, Min, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Prelu, Where,
                 Clamp, Dequantize>();
}

}  // namespace flopmeter::broadcast
