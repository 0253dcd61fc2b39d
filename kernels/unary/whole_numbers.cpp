// Roundings, and operations on bits.
#include "kernels/families/table/bits.h"
#include "kernels/unary/definition.h"

namespace flopmeter::unary {
namespace {

struct Floor {
  static constexpr Row about{.name = "floor",
                             .equation = "y = the largest whole number that is not above x",
                             .forward = {.roundings = 1},
                             .domain = {.scale = 8},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return floor(x);
  }
};

struct Ceil {
  static constexpr Row about{.name = "ceil",
                             .equation = "y = the least whole number that is not below x",
                             .forward = {.roundings = 1},
                             .domain = {.scale = 8},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return ceil(x);
  }
};

struct Round {
  static constexpr Row about{.name = "round",
                             .equation = "y = the nearest whole number, halves to even ones",
                             .forward = {.roundings = 1},
                             .domain = {.scale = 8},
                             .array = true};
  template <class X>
  static auto value(const X& x) {
    return rint(x);
  }
};

struct Trunc {
  static constexpr Row about{.name = "trunc",
                             .equation = "y = x without its fraction",
                             .forward = {.roundings = 1},
                             .domain = {.scale = 8}};
  template <class T>
  static T value(T x) {
    return trunc(x);
  }
};

struct Not {
  static constexpr Row about{.name = "not",
                             .equation = "y = 1 where x is 0, else 0",
                             .forward = {.bit_operations = 1},
                             .domain = {Domain::Kind::index, 2}};
  template <class T>
  static T value(T x) {
    return bits::with_bits(x, [](std::uint32_t bit) { return bit ^ 1U; });
  }
};

struct BitwiseNot {
  static constexpr Row about{.name = "bitwise_not",
                             .equation = "y = all bits of an 8-bit x the other way round",
                             .forward = {.bit_operations = 1},
                             .domain = {Domain::Kind::index, 256}};
  template <class T>
  static T value(T x) {
    return bits::with_bits(x, [](std::uint32_t byte) { return ~byte & 255U; });
  }
};

}  // namespace

std::vector<Row> whole_number_rows() {
  return rows_of<Floor, Ceil, Round, Trunc, Not, BitwiseNot>();
}

}  // namespace flopmeter::unary
