// Products of small integers, which a network in f32 computes as it would with them: numbers less their zero
// points, sums, and where results are small integers again, scaled and rounded.
#include <algorithm>
#include <array>

#include "models/onnx/bind/dynamic_codes.h"
#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// Inputs of an operator: what is multiplied, with scales and zero points, those of the result, a bias. Absent ones
/// are `none`.
struct Places {
  static constexpr std::size_t none = 99;
  std::size_t x, x_scale, x_zero, w, w_scale, w_zero, y_scale = none, y_zero = none, bias = none;
};

constexpr Range bytes_drawn{.below = 256};

class IntegerProduct {
 public:
  IntegerProduct(const Binding& b, const Places& at) : b_(b), at_(at), steps_(b) {
    for (const std::size_t input : {at.x, at.w}) {
      if (b.view.in(input).elem == Elem::u8) {
        b.draw(input, bytes_drawn);
      }
    }
  }

  Steps& steps() { return steps_; }

  /// A convolution of numbers less their zero points, whose padding is then 0.
  Value convolution() {
    if (!b_.lowered.reason.empty()) {
      bad_input("{}", b_.lowered.reason);
    }
    const auto use = std::ranges::find_if(
        b_.lowered.layers, [](const LayerUse& one) { return one.layer.starts_with("conv"); });
    if (use == b_.lowered.layers.end()) {
      bad_input("no layer computes it");
    }
    std::vector<std::pair<std::string, Value>> operands{
        {"src", shifted(at_.x, at_.x_zero, 0)},
        {"weights", shifted(at_.w, at_.w_zero, b_.view.rank(at_.w) - 1)}};
    if (has(at_.bias)) {
      operands.emplace_back("bias", steps_.in(at_.bias));
    }
    return steps_.layer(use->layer, shape_text(*use), operands, b_.view.output_sizes());
  }

  /// A zero point for each row of the first, for each column of the second.
  Value matrices() {
    const Value left = shifted(at_.x, at_.x_zero, 1);
    const Value right = shifted(at_.w, at_.w_zero, 0);
    return steps_.layer("matmul", matrix(left.dims, true) + ":" + matrix(right.dims, false),
                        {{"src", left}, {"weights", right}}, b_.view.output_sizes());
  }

  /// Times both scales, over that of the result; scales of the second along axis `channel` from behind.
  Value scaled(const Value& sums, std::size_t channel_from_behind) {
    Value factor =
        steps_.two("mul", along(at_.x_scale, 0), along(at_.w_scale, channel_from_behind));
    if (has(at_.y_scale)) {
      factor = steps_.two("div", factor, along(at_.y_scale, 0));
    }
    return steps_.two("mul", sums, factor);
  }

  /// To the nearest integer that the result's type holds.
  Value rounded(const Value& y) {
    return steps_.rounded(y, has(at_.y_zero) ? std::optional(along(at_.y_zero, 0)) : std::nullopt,
                          b_.view.outputs.at(0).elem);
  }

 private:
  bool has(std::size_t input) const { return input != Places::none && b_.view.has(input); }

  static std::string matrix(Sizes dims, bool row) {
    if (dims.size() == 1) {
      dims.insert(row ? dims.begin() : dims.end(), 1);
    }
    return shape_text(dims);
  }

  /// One number, or one for each place of an axis with so many behind it.
  Value along(std::size_t input, std::size_t behind) {
    const Value given = steps_.in(input);
    if (given.dims.size() > 1) {
      bad_input("scales and zero points of more than one dimension are not run");
    }
    Sizes dims(behind + 1, 1);
    dims[0] = given.count();
    return given.count() == 1 ? Steps::view(given, {1}) : Steps::view(given, dims);
  }

  /// Less its zero point, of which there may be one for each place of the axis with so many behind it.
  Value shifted(std::size_t input, std::size_t zero, std::size_t behind) {
    const Value x = steps_.in(input);
    return has(zero) ? steps_.two("sub", x, along(zero, behind)) : x;
  }

  const Binding& b_;
  Places at_;
  Steps steps_;
};

constexpr Places plain_integers{
    .x = 0, .x_scale = Places::none, .x_zero = 2, .w = 1, .w_scale = Places::none, .w_zero = 3};
constexpr Places quantized_conv{.x = 0,
                                .x_scale = 1,
                                .x_zero = 2,
                                .w = 3,
                                .w_scale = 4,
                                .w_zero = 5,
                                .y_scale = 6,
                                .y_zero = 7,
                                .bias = 8};
constexpr Places quantized_product{.x = 0,
                                   .x_scale = 1,
                                   .x_zero = 2,
                                   .w = 3,
                                   .w_scale = 4,
                                   .w_zero = 5,
                                   .y_scale = 6,
                                   .y_zero = 7};
constexpr Places integers_to_real{
    .x = 0, .x_scale = 2, .x_zero = 4, .w = 1, .w_scale = 3, .w_zero = 5};

void bind_conv_integer(const Binding& b) {
  IntegerProduct product(b, plain_integers);
  product.steps().finish(product.convolution());
}

void bind_matmul_integer(const Binding& b) {
  IntegerProduct product(b, plain_integers);
  product.steps().finish(product.matrices());
}

void bind_quantized_conv(const Binding& b) {
  IntegerProduct product(b, quantized_conv);
  const std::size_t behind = b.view.output_sizes().size() - 2;
  product.steps().finish(product.rounded(product.scaled(product.convolution(), behind)));
}

void bind_quantized_matmul(const Binding& b) {
  IntegerProduct product(b, quantized_product);
  product.steps().finish(product.rounded(product.scaled(product.matrices(), 0)));
}

void bind_integers_to_real(const Binding& b) {
  IntegerProduct product(b, integers_to_real);
  const Value y = product.scaled(product.matrices(), 0);
  product.steps().finish(b.view.has(6) ? product.steps().two("add", y, product.steps().in(6)) : y);
}

void bind_dynamic_quantize(const Binding& b) {
  Steps steps(b);
  const DynamicCodes made = dynamic_codes(steps, steps.in(0));
  steps.finish(made.scale, 1);
  steps.finish(made.zero, 2);
  steps.finish(made.codes);
}

constexpr std::array integer_rows{
    Binder{"", "ConvInteger", bind_conv_integer},
    Binder{"", "MatMulInteger", bind_matmul_integer},
    Binder{"", "QLinearConv", bind_quantized_conv},
    Binder{microsoft, "QLinearConv", bind_quantized_conv},
    Binder{"", "QLinearMatMul", bind_quantized_matmul},
    Binder{"", "DynamicQuantizeLinear", bind_dynamic_quantize},
    Binder{microsoft, "MatMulIntegerToFloat", bind_integers_to_real},
};

}  // namespace

DynamicCodes dynamic_codes(Steps& steps, const Value& x) {
  const Value row = Steps::view(x, {x.count()});
  const Value most = steps.two("max", steps.reduce("reduce_max", row, {0}), 0);
  const Value least = steps.two("min", steps.reduce("reduce_min", row, {0}), 0);
  const Value scale = steps.two("div", steps.two("sub", most, least), 255);
  const Value zero = steps.rounded(
      steps.two("div", steps.two("sub", steps.number(0), least), scale), std::nullopt, Elem::u8);
  return {steps.rounded(steps.two("div", x, scale), zero, Elem::u8), scale, zero};
}

std::span<const Binder> integer_binders() { return integer_rows; }

}  // namespace flopmeter::onnx
