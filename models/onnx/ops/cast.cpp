// Numbers in another type.
#include <array>
#include <cmath>
#include <optional>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// Whether an integer type has the value.
bool fits(std::int64_t value, Elem type) {
  const int bits = bits_of(type);
  const bool without_sign = type == Elem::u8 || type == Elem::u16 || type == Elem::u32 ||
                            type == Elem::u64 || type == Elem::u4 || type == Elem::u2;
  if (bits >= 64) {
    return !without_sign || value >= 0;
  }
  const std::int64_t values = std::int64_t{1} << bits;
  return without_sign ? value >= 0 && value < values : value >= -(values / 2) && value < values / 2;
}

/// An integer in another type; nothing where that does not have it. What is not known is taken to fit.
std::optional<Dim> in_type(const Dim& value, Elem to) {
  if (to == Elem::boolean) {
    return value.known() ? Dim(value.value() != 0 ? 1 : 0) : value;
  }
  return !value.known() || fits(value.value(), to) ? std::optional(value) : std::nullopt;
}

/// Real numbers are cut towards zero.
std::optional<Dim> in_type(double value, Elem to) {
  if (to == Elem::boolean) {
    return Dim(value != 0 ? 1 : 0);
  }
  return std::abs(value) < 9e18 ? in_type(Dim(static_cast<std::int64_t>(value)), to) : std::nullopt;
}

/// Null where a value is not known, or the type does not have it.
Contents to_integers(const Content& from, Elem to) {
  Dims integers;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto value = from.real ? in_type(from.reals[i], to) : in_type(from.integers[i], to);
    if (!value) {
      return nullptr;
    }
    integers.push_back(*value);
  }
  return integers_of(std::move(integers));
}

/// To a significand of so many bits.
double rounded(double value, int bits) {
  int exponent = 0;
  const double significand = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(significand, bits)), exponent - bits);
}

/// Nothing outside of the normal numbers of a small type.
std::optional<double> in_real_type(double value, Elem to) {
  if (to == Elem::f64) {
    return value;
  }
  if (to == Elem::f32) {
    return static_cast<double>(static_cast<float>(value));
  }
  const double size = std::abs(value);
  const bool half = to == Elem::f16 && (size == 0 || (size >= 0x1p-14 && size <= 65504));
  const bool brain = to == Elem::bf16 && (size == 0 || (size >= 0x1p-126 && size <= 0x1p127));
  return half    ? std::optional(rounded(value, 11))
         : brain ? std::optional(rounded(value, 8))
                 : std::nullopt;
}

Contents to_reals(const Content& from, Elem to) {
  std::vector<double> reals;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!from.real && !from.integers[i].known()) {
      return nullptr;
    }
    const double value = from.real ? from.reals[i] : static_cast<double>(from.integers[i].value());
    const auto in_type = in_real_type(value, to);
    if (!in_type) {
      return nullptr;
    }
    reals.push_back(*in_type);
  }
  return reals_of(std::move(reals));
}

Contents convert(const Content* from, Elem to) {
  return from == nullptr  ? nullptr
         : is_integer(to) ? to_integers(*from, to)
         : is_float(to)   ? to_reals(*from, to)
                          : nullptr;
}

void infer_cast(NodeView& n) {
  const Elem to = n.proto.op == "CastLike"
                      ? n.in(1).elem
                      : static_cast<Elem>(static_cast<std::int32_t>(n.required("to")));
  n.set(0, to, n.dims(0), convert(n.content(0), to));
}

/// To the same type nothing is done.
Lowered lower_cast(const NodeView& n) {
  if (n.in(0).elem == n.outputs.at(0).elem) {
    return moves("view");
  }
  Lowered lowered;
  lowered.layers.push_back(unary_use("cast", n.output_count()));
  return lowered;
}

constexpr std::array cast_rows{
    Operator{"", "Cast", infer_cast, lower_cast},
    Operator{"", "CastLike", infer_cast, lower_cast},
};

}  // namespace

std::span<const Operator> cast_operators() { return cast_rows; }

}  // namespace flopmeter::onnx
