// Roundings, angles and operations on bits.
#include "kernels/families/table/bits.h"

#include <algorithm>

#include "kernels/broadcast/definition.h"

namespace flopmeter::broadcast {
namespace {

struct Mod {
  static constexpr Row about{.name = "mod",
                             .equation = "y = a - floor(a / b) * b, dimensions of 1 repeated",
                             .value = {.multiplies = 1, .adds = 1, .divides = 1, .roundings = 1},
                             .domains = {Domain{.scale = 64}, Domain{Domain::Kind::from_one}}};
  template <class T>
  static T value(T a, T b) {
    return a - times(floor(a / b), b);
  }
};

/// For b > 0; which quadrant another b is in is not arithmetic.
struct Atan2 {
  static constexpr Row about{.name = "atan2",
                             .equation = "y = the angle of (b, a), dimensions of 1 repeated",
                             .value = {.divides = 1, .trigonometrics = 1},
                             .domains = {Domain{}, Domain{Domain::Kind::from_one}},
                             .array = true};
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return atan(a / b);
  }
};

struct And {
  static constexpr Row about{
      .name = "and",
      .equation = "y = 1 where both are not 0, else 0, dimensions of 1 repeated",
      .value = {.bit_operations = 1},
      .domains = {Domain{Domain::Kind::index, 2}, Domain{Domain::Kind::index, 2}}};
  template <class T>
  static T value(T a, T b) {
    return bits::with_bits(a, b, [](std::uint32_t p, std::uint32_t q) { return p & q; });
  }
};

struct Or {
  static constexpr Row about{
      .name = "or",
      .equation = "y = 1 where one of them is not 0, else 0, dimensions of 1 repeated",
      .value = {.bit_operations = 1},
      .domains = {Domain{Domain::Kind::index, 2}, Domain{Domain::Kind::index, 2}}};
  template <class T>
  static T value(T a, T b) {
    return bits::with_bits(a, b, [](std::uint32_t p, std::uint32_t q) { return p | q; });
  }
};

struct Xor {
  static constexpr Row about{
      .name = "xor",
      .equation = "y = 1 where one and only one of them is not 0, else 0, dimensions of 1 repeated",
      .value = {.bit_operations = 1},
      .domains = {Domain{Domain::Kind::index, 2}, Domain{Domain::Kind::index, 2}}};
  template <class T>
  static T value(T a, T b) {
    return bits::with_bits(a, b, [](std::uint32_t p, std::uint32_t q) { return p ^ q; });
  }
};

struct BitwiseAnd {
  static constexpr Row about{
      .name = "bitwise_and",
      .equation = "y = a and b, bit by bit, dimensions of 1 repeated",
      .value = {.bit_operations = 1},
      .domains = {Domain{Domain::Kind::index, 256}, Domain{Domain::Kind::index, 256}}};
  template <class T>
  static T value(T a, T b) {
    return bits::with_bits(a, b, [](std::uint32_t p, std::uint32_t q) { return p & q; });
  }
};

struct BitwiseOr {
  static constexpr Row about{
      .name = "bitwise_or",
      .equation = "y = a or b, bit by bit, dimensions of 1 repeated",
      .value = {.bit_operations = 1},
      .domains = {Domain{Domain::Kind::index, 256}, Domain{Domain::Kind::index, 256}}};
  template <class T>
  static T value(T a, T b) {
    return bits::with_bits(a, b, [](std::uint32_t p, std::uint32_t q) { return p | q; });
  }
};

struct BitwiseXor {
  static constexpr Row about{
      .name = "bitwise_xor",
      .equation = "y = a xor b, bit by bit, dimensions of 1 repeated",
      .value = {.bit_operations = 1},
      .domains = {Domain{Domain::Kind::index, 256}, Domain{Domain::Kind::index, 256}}};
  template <class T>
  static T value(T a, T b) {
    return bits::with_bits(a, b, [](std::uint32_t p, std::uint32_t q) { return p ^ q; });
  }
};

struct Shift {
  static constexpr Row about{
      .name = "bit_shift",
      .equation = "y = a * 2^b by shifting bits, dimensions of 1 repeated",
      .value = {.bit_operations = 1},
      .domains = {Domain{Domain::Kind::index, 256}, Domain{Domain::Kind::index, 8}}};
  template <class T>
  static T value(T a, T b) {
    return bits::with_bits(a, b, [](std::uint32_t p, std::uint32_t q) { return p << q; });
  }
};

/// ONNX: b is the scale, c the zero point. The gradient is a matter of the training scheme.
struct Quantize {
  static constexpr Row about{
      .name = "quantize",
      .equation = "y = min(max(round(a / b) + c, 0), 255), a byte; dimensions of 1 repeated",
      .sources = 3,
      .value = {.adds = 1, .divides = 1, .comparisons = 2, .roundings = 1, .conversions = 1},
      .domains = {Domain{.scale = 64}, Domain{Domain::Kind::from_one},
                  Domain{Domain::Kind::index, 256}}};
  template <class T>
  static T value(T a, T b, T c) {
    using std::max;
    using std::min;
    return converted(min(max(T(rint(a / b) + c), T(0)), T(255)));
  }
};

}  // namespace

std::vector<Row> bit_rows() {
  return rows_of<Mod, Atan2, And, Or, Xor, BitwiseAnd, BitwiseOr, BitwiseXor, Shift, Quantize>();
}

}  // namespace flopmeter::broadcast
