// Between real numbers and small integers, which a network in f32 computes as it would with them.
#include <algorithm>
#include <array>

#include "models/onnx/bind_steps.h"

namespace flopmeter::onnx {
namespace {

/// A scale or zero point in as many dimensions as x, of one number or of an axis.
Value quantisation(Steps& steps, const Binding& b, std::size_t input) {
  const Sizes x = b.view.sizes(0);
  if (!b.view.has(input)) {
    return steps.number(0);
  }
  const Value given = steps.in(input);
  if (given.dims == x) {
    return given;
  }
  if (given.dims.size() > 1) {
    bad_input("scales of blocks are not run");
  }
  Sizes dims(std::max<std::size_t>(x.size(), 1), 1);
  if (given.count() > 1) {
    dims[b.view.axis(b.view.integer("axis", 1), b.view.rank(0))] = given.count();
  }
  return Steps::view(given, dims);
}

struct IntegerRange {
  Elem elem;
  double low, high;
};
constexpr std::array quantised_ranges{
    IntegerRange{Elem::u8, 0, 255},    IntegerRange{Elem::s8, -128, 127},
    IntegerRange{Elem::u16, 0, 65535}, IntegerRange{Elem::s16, -32768, 32767},
    IntegerRange{Elem::u4, 0, 15},     IntegerRange{Elem::s4, -8, 7},
};

/// min(max(round(x / scale) + zero, low), high): in f32, whatever the file's type.
void bind_quantize(const Binding& b) {
  const Elem elem = b.view.outputs.at(0).elem;
  const auto* const range = std::ranges::find(quantised_ranges, elem, &IntegerRange::elem);
  if (range == quantised_ranges.end()) {
    bad_input("to {} it is not run", to_string(elem));
  }
  Steps steps(b);
  const Value scaled = steps.two("div", steps.in(0), quantisation(steps, b, 1));
  const Value shifted = steps.two("add", steps.one("round", scaled), quantisation(steps, b, 2));
  steps.finish(steps.two("min", steps.two("max", shifted, range->low), range->high));
}

void bind_dequantize(const Binding& b) {
  Steps steps(b);
  Value x = steps.in(0);
  x = b.view.has(2) ? steps.two("sub", x, quantisation(steps, b, 2)) : x;
  steps.finish(steps.two("mul", x, quantisation(steps, b, 1)));
}

constexpr std::array quantization_rows_bound{
    Binder{"", "QuantizeLinear", bind_quantize},
    Binder{"", "DequantizeLinear", bind_dequantize},
    Binder{microsoft, "QuantizeLinear", bind_quantize},
    Binder{microsoft, "DequantizeLinear", bind_dequantize},
};

}  // namespace

std::span<const Binder> quantization_binders() { return quantization_rows_bound; }

}  // namespace flopmeter::onnx
