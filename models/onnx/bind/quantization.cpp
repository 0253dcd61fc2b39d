// Between real numbers and small integers, which a network in f32 computes as it would with them.
#include <algorithm>
#include <array>

#include "models/onnx/bind/steps.h"

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

/// In f32, whatever the file's type.
void bind_quantize(const Binding& b) {
  Steps steps(b);
  const Value scaled = steps.two("div", steps.in(0), quantisation(steps, b, 1));
  steps.finish(steps.rounded(scaled, quantisation(steps, b, 2), b.view.outputs.at(0).elem));
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
