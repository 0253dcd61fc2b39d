// The number types of ONNX.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/wire/proto.h"

namespace flopmeter::onnx {
namespace {

enum class Family { other, integer, real };

struct ElemRow {
  Elem elem;
  std::string_view name;
  int bits;
  Family family;
};

constexpr std::array elem_rows{
    ElemRow{Elem::f32, "float32", 32, Family::real},
    ElemRow{Elem::u8, "uint8", 8, Family::integer},
    ElemRow{Elem::s8, "int8", 8, Family::integer},
    ElemRow{Elem::u16, "uint16", 16, Family::integer},
    ElemRow{Elem::s16, "int16", 16, Family::integer},
    ElemRow{Elem::s32, "int32", 32, Family::integer},
    ElemRow{Elem::s64, "int64", 64, Family::integer},
    ElemRow{Elem::string, "string", 0, Family::other},
    ElemRow{Elem::boolean, "bool", 8, Family::integer},
    ElemRow{Elem::f16, "float16", 16, Family::real},
    ElemRow{Elem::f64, "float64", 64, Family::real},
    ElemRow{Elem::u32, "uint32", 32, Family::integer},
    ElemRow{Elem::u64, "uint64", 64, Family::integer},
    ElemRow{Elem::complex64, "complex64", 64, Family::other},
    ElemRow{Elem::complex128, "complex128", 128, Family::other},
    ElemRow{Elem::bf16, "bfloat16", 16, Family::real},
    ElemRow{Elem::f8e4m3fn, "float8e4m3fn", 8, Family::real},
    ElemRow{Elem::f8e4m3fnuz, "float8e4m3fnuz", 8, Family::real},
    ElemRow{Elem::f8e5m2, "float8e5m2", 8, Family::real},
    ElemRow{Elem::f8e5m2fnuz, "float8e5m2fnuz", 8, Family::real},
    ElemRow{Elem::u4, "uint4", 4, Family::integer},
    ElemRow{Elem::s4, "int4", 4, Family::integer},
    ElemRow{Elem::f4e2m1, "float4e2m1", 4, Family::real},
    ElemRow{Elem::f8e8m0, "float8e8m0", 8, Family::real},
    ElemRow{Elem::u2, "uint2", 2, Family::integer},
    ElemRow{Elem::s2, "int2", 2, Family::integer},
};

const ElemRow& elem_row(Elem elem) {
  static constexpr ElemRow unknown{Elem::undefined, "unknown", 0, Family::other};
  const auto* const found = std::ranges::find(elem_rows, elem, &ElemRow::elem);
  return found == elem_rows.end() ? unknown : *found;
}

}  // namespace

std::string_view to_string(Elem elem) { return elem_row(elem).name; }
int bits_of(Elem elem) { return elem_row(elem).bits; }
bool is_integer(Elem elem) { return elem_row(elem).family == Family::integer; }

IntegerRange range_of(Elem elem) {
  constexpr std::array unsigned_types{Elem::u8,  Elem::u16, Elem::u32,
                                      Elem::u64, Elem::u4,  Elem::u2};
  if (!is_integer(elem)) {
    return {0, 0};
  }
  if (elem == Elem::boolean) {
    return {0, 1};
  }
  const double many = std::ldexp(1, bits_of(elem));
  return std::ranges::find(unsigned_types, elem) != unsigned_types.end()
             ? IntegerRange{0, many - 1}
             : IntegerRange{-many / 2, many / 2 - 1};
}

bool wraps(Elem from, Elem to) {
  if (!is_integer(from) || !is_integer(to) || to == Elem::boolean || to == Elem::s32 ||
      bits_of(to) > 32) {
    return false;
  }
  const IntegerRange inner = range_of(from);
  const IntegerRange outer = range_of(to);
  return inner.low < outer.low || inner.high > outer.high;
}

bool is_float(Elem elem) { return elem_row(elem).family == Family::real; }

}  // namespace flopmeter::onnx
