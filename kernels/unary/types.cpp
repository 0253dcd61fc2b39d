// Changes of type, and numbers that are none.
#include <limits>

#include "kernels/unary/definition.h"

namespace flopmeter::unary {
namespace {

/// The type does not change here; what it costs is one conversion an element.
struct Cast {
  static constexpr Row about{
      .name = "cast", .equation = "y = x in another number type", .forward = {.conversions = 1}};
  template <class T>
  static T value(T x) {
    return converted(x);
  }
};

struct IsNan {
  static constexpr Row about{.name = "isnan",
                             .equation = "y = 1 where x is not a number, else 0",
                             .forward = {.comparisons = 1}};
  template <class T>
  static T value(T x) {
    return select(x != x, T(1), T(0));
  }
};

struct IsInf {
  static constexpr Row about{.name = "isinf",
                             .equation = "y = 1 where |x| is infinite, else 0",
                             .forward = {.comparisons = 1}};
  template <class T>
  static T value(T x) {
    return select(abs(x) == T(std::numeric_limits<float>::infinity()), T(1), T(0));
  }
};

}  // namespace

std::vector<Row> type_rows() { return rows_of<Cast, IsNan, IsInf>(); }

}  // namespace flopmeter::unary
