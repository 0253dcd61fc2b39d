// ONNX Runtime's operators between small integers with scales and zero points: real numbers in between, as a network in
// f32 has them, rounded again behind.
#include <algorithm>
#include <array>

#include "models/onnx/bind/dynamic_codes.h"
#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// One number, or one for each place of the last axis.
Value setting(Steps& steps, std::size_t input) {
  const Value given = steps.in(input);
  if (given.dims.size() > 1 && given.count() != 1) {
    bad_input("scales and zero points of more than one dimension are not run");
  }
  return Steps::view(given, {given.count()});
}

/// (x - zero) * scale of the input at `x`, which has its scale and zero point behind it.
Value real_input(Steps& steps, const Binding& b, std::size_t x) {
  if (b.view.in(x).elem == Elem::u8) {
    b.draw(x, {.below = 256});
  }
  Value made = steps.in(x);
  made = b.view.has(x + 2) ? steps.two("sub", made, setting(steps, x + 2)) : made;
  return steps.two("mul", made, setting(steps, x + 1));
}

/// Rounded to the result's type, whose scale is the input at `scale` with the zero point behind it.
void finish_rounded(Steps& steps, const Binding& b, const Value& y, std::size_t scale) {
  const Value scaled = steps.two("div", y, setting(steps, scale));
  const auto zero = b.view.has(scale + 1) ? std::optional(setting(steps, scale + 1)) : std::nullopt;
  steps.finish(steps.rounded(scaled, zero, b.view.outputs.at(0).elem));
}

void require_channels_second(const Binding& b) {
  if (b.view.integer("channels_last", 0) != 0) {
    bad_input("with channels behind it is not run");
  }
}

void bind_pair(const Binding& b) {
  Steps steps(b);
  const Value y = steps.two(b.view.row->layer, real_input(steps, b, 0), real_input(steps, b, 3));
  finish_rounded(steps, b, y, 6);
}

/// Scale and zero point of the result come first.
void bind_joined(const Binding& b) {
  Steps steps(b);
  const std::size_t axis = b.view.axis(b.view.required("axis"), b.view.rank(2));
  std::optional<Value> joined;
  for (std::size_t i = 2; i + 2 < b.view.inputs.size(); i += 3) {
    const Value part = real_input(steps, b, i);
    joined = joined ? steps.concat(*joined, part, axis) : part;
  }
  if (!joined) {
    bad_input("it has {} inputs", b.view.inputs.size());
  }
  finish_rounded(steps, b, *joined, 0);
}

/// The one layer among those of the node that is neither of the conversions.
const LayerUse& inner_layer(const Binding& b) {
  const auto found = std::ranges::find_if(b.lowered.layers, [](const LayerUse& use) {
    return use.layer != "dequantize" && use.layer != "quantize";
  });
  if (!b.lowered.reason.empty() || found == b.lowered.layers.end()) {
    bad_input("{}", b.lowered.reason.empty() ? "no layer computes it" : b.lowered.reason);
  }
  return *found;
}

/// x, its scale and zero point, those of the result.
void bind_function(const Binding& b) {
  Steps steps(b);
  const Value x = real_input(steps, b, 0);
  const LayerUse& use = inner_layer(b);
  const bool leaky = use.layer == "leaky_relu";
  finish_rounded(steps, b,
                 leaky ? steps.two("prelu", x, b.view.real("alpha", 0.01))
                       : steps.layer(use.layer, shape_text(use), {{"src", x}}, x.dims),
                 3);
}

void bind_softmax_of_integers(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", -1), b.view.rank(0));
  if (b.view.integer("opset", 13) >= 13 && product_of(x, axis + 1, x.size()) != 1) {
    bad_input("along another axis than the last it is not run");
  }
  bind_function(b);
}

void bind_pooled(const Binding& b) {
  require_channels_second(b);
  if (b.view.integer("count_include_pad", 0) != 0 && b.view.integer("ceil_mode", 0) != 0) {
    bad_input("rounded up, and divided by padding, it is not run");
  }
  Steps steps(b);
  const LayerUse& use = inner_layer(b);
  finish_rounded(steps, b,
                 steps.layer(use.layer, shape_text(use), {{"src", real_input(steps, b, 0)}},
                             b.view.output_sizes()),
                 3);
}

std::string matrix_text(Sizes dims, bool row) {
  if (dims.size() == 1) {
    dims.insert(row ? dims.begin() : dims.end(), 1);
  }
  return shape_text(dims);
}

/// A scale and zero point for each column of B; C has the scale of the sums.
void bind_gemm_of_integers(const Binding& b) {
  Steps steps(b);
  const auto operand = [&](std::size_t i, std::string_view transposed) {
    const bool turned = b.view.integer(transposed, 0) != 0;
    const Value x = turned && i == 3 && b.view.count(4) > 1 ? steps.in(i) : real_input(steps, b, i);
    return turned ? steps.transpose(x, {1, 0}) : x;
  };
  const Value left = operand(0, "transA");
  Value right = operand(3, "transB");
  if (b.view.integer("transB", 0) != 0 && b.view.count(4) > 1) {
    right = b.view.has(5) ? steps.two("sub", right, setting(steps, 5)) : right;
    right = steps.two("mul", right, setting(steps, 4));
  }
  const double alpha = b.view.real("alpha", 1);
  Value y = steps.layer("matmul", shape_text(left.dims) + ":" + shape_text(right.dims),
                        {{"src", left}, {"weights", right}}, {left.dims[0], right.dims[1]});
  if (b.view.has(6)) {
    const Value step = steps.two("mul", setting(steps, 1), setting(steps, 4));
    y = steps.two("add", y, steps.two("mul", steps.in(6), step));
  }
  y = alpha == 1 ? y : steps.two("mul", y, alpha);
  if (b.view.has(7)) {
    return finish_rounded(steps, b, y, 7);
  }
  steps.finish(y);
}

/// A becomes integers by its own range, and real again: the integers of DynamicQuantizeLinear.
void bind_dynamic_product(const Binding& b) {
  Steps steps(b);
  const DynamicCodes made = dynamic_codes(steps, steps.in(0));
  const Value left = steps.two("mul", steps.two("sub", made.codes, made.zero), made.scale);
  Value right = steps.in(1);
  right = b.view.has(3) ? steps.two("sub", right, setting(steps, 3)) : right;
  right = steps.two("mul", right, setting(steps, 2));
  Value y =
      steps.layer("matmul", matrix_text(left.dims, true) + ":" + matrix_text(right.dims, false),
                  {{"src", left}, {"weights", right}}, b.view.output_sizes());
  steps.finish(b.view.has(4) ? steps.two("add", y, steps.in(4)) : y);
}

constexpr std::array linear_quantized_rows{
    Binder{microsoft, "QLinearAdd", bind_pair},
    Binder{microsoft, "QLinearMul", bind_pair},
    Binder{microsoft, "QLinearConcat", bind_joined},
    Binder{microsoft, "QLinearSigmoid", bind_function},
    Binder{microsoft, "QLinearLeakyRelu", bind_function},
    Binder{microsoft, "QLinearSoftmax", bind_softmax_of_integers},
    Binder{microsoft, "QLinearAveragePool", bind_pooled},
    Binder{microsoft, "QLinearGlobalAveragePool", bind_pooled},
    Binder{microsoft, "QGemm", bind_gemm_of_integers},
    Binder{microsoft, "DynamicQuantizeMatMul", bind_dynamic_product},
};

}  // namespace

std::span<const Binder> linear_quantized_binders() { return linear_quantized_rows; }

}  // namespace flopmeter::onnx
