// Products of numbers of few bits: integers with scales and zero points beside them, and weights in blocks
// that share a scale.
#include <algorithm>
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/product.h"
#include "models/onnx/ops/quantized.h"

namespace flopmeter::onnx {
namespace {

using Sizes = std::vector<std::int64_t>;

void infer_integer(NodeView& n) { n.set(0, Elem::s32, matmul_dims(n.dims(0), n.dims(1))); }

/// A minus its zero point times B minus its own.
Lowered lower_integer(const NodeView& n) {
  Lowered lowered = lower_product(n, n.dims(0), n.dims(1), {0, 1});
  append_shift(n, 0, 2, "zero_point_a", lowered);
  append_shift(n, 1, 3, "zero_point_b", lowered);
  return lowered;
}

void infer_real(NodeView& n) { n.set(0, Elem::f32, matmul_dims(n.dims(0), n.dims(1))); }

/// The product of scales is made once; each sum is multiplied by it.
void append_scaling(const NodeView& n, std::size_t b_scale, Lowered& lowered) {
  const Sizes y = n.output_sizes();
  const std::int64_t scales = n.has(b_scale) ? n.count(b_scale) : 1;
  lowered.layers.push_back(binary_use("mul", {1}, {scales}, "scales"));
  lowered.layers.push_back(binary_use("mul", y, {scales}, "scaling"));
}

/// Inputs: A, B, their scales, their zero points, a bias.
Lowered lower_integer_to_real(const NodeView& n) {
  Lowered lowered = lower_product(n, n.dims(0), n.dims(1), {0, 1});
  append_shift(n, 0, 4, "zero_point_a", lowered);
  append_shift(n, 1, 5, "zero_point_b", lowered);
  append_scaling(n, 3, lowered);
  if (n.has(6)) {
    lowered.layers.push_back(binary_use("add", n.output_sizes(), n.sizes(6), "bias"));
  }
  return lowered;
}

/// Inputs: A, B, its scale and zero point, a bias. A is quantised by its own range first.
Lowered lower_dynamic(const NodeView& n) {
  Lowered lowered;
  append_dynamic_quantize(n.sizes(0), lowered);
  lowered.layers.push_back(binary_use("sub", n.sizes(0), {1}, "zero_point_a"));
  lowered.layers.push_back(lower_product(n, n.dims(0), n.dims(1), {0, 1}).layers.front());
  append_shift(n, 1, 3, "zero_point_b", lowered);
  append_scaling(n, 2, lowered);
  if (n.has(4)) {
    lowered.layers.push_back(binary_use("add", n.output_sizes(), n.sizes(4), "bias"));
  }
  return lowered;
}

// QLinearMatMul's and QGemm's inputs: A, its scale and zero point, B, its own; then those of the result,
// in front of which QGemm has C.
void infer_quantized(NodeView& n) { n.set(0, n.in(7).elem, matmul_dims(n.dims(0), n.dims(3))); }

void append_shifts(const NodeView& n, Lowered& lowered) {
  append_shift(n, 0, 2, "zero_point_a", lowered);
  append_shift(n, 3, 5, "zero_point_b", lowered);
}

Lowered lower_quantized(const NodeView& n) {
  Lowered lowered = lower_product(n, n.dims(0), n.dims(3), {0, 3});
  append_shifts(n, lowered);
  const std::int64_t scales = n.rank(4) == 1 ? n.count(4) : 1;
  append_requantize(n, scales, n.output_sizes().empty() ? 0 : n.output_sizes().size() - 1, lowered);
  return lowered;
}

void infer_quantized_gemm(NodeView& n) {
  const GemmShape shape = gemm_shape(n, {0, 3});
  n.set(0, n.has(8) ? n.in(8).elem : Elem::f32, {shape.m, shape.n});
}

Lowered lower_quantized_gemm(const NodeView& n) {
  const GemmShape shape = gemm_shape(n, {0, 3});
  const Sizes s = known_sizes({shape.m, shape.k, shape.n});
  const bool bias = n.has(6) && n.count(6) == s[2];
  Lowered lowered;
  lowered.layers.push_back(n.constant(3) ? linear_use(s[0], s[1], s[2], bias)
                                         : matmul_use({s[0], s[1]}, {s[1], s[2]}, bias));
  append_shifts(n, lowered);
  if (n.has(6) && !bias) {
    lowered.layers.push_back(binary_use("add", {s[0], s[2]}, n.sizes(6), "c"));
  }
  if (n.has(7)) {
    append_requantize(n, n.count(4), 1, lowered);
  } else {
    append_scaling(n, 4, lowered);
  }
  return lowered;
}

// Weights of 4 or 8 bits, [N, blocks, bytes]: the shape stands in the attributes.
void infer_in_blocks(NodeView& n) {
  Dims out = n.dims(0);
  if (out.empty()) {
    bad_input("its input is a scalar");
  }
  check_depth(out.back(), n.required("K"));
  out.back() = n.required("N");
  n.set(0, n.in(0).elem, out);
}

/// The rows of x as one matrix.
std::int64_t block_rows(const NodeView& n) {
  const Sizes x = n.sizes(0);
  return product_of(x, 0, x.size() - 1);
}

/// Inputs: A, B, scales, zero points, places of blocks, a bias.
Lowered lower_in_blocks(const NodeView& n) {
  Lowered lowered = one_layer(n.integer("bits", 4) == 8 ? "linear_n8bits" : "linear_n4bits",
                              {{"mb", block_rows(n)},
                               {"ic", n.required("K")},
                               {"oc", n.required("N")},
                               {"bias", n.has(5) ? 1 : 0},
                               {"block", n.required("block_size")},
                               {"zp", n.has(3) ? 1 : 0}});
  if (n.has(4)) {
    lowered.reason = "the look-up of its scales by g_idx is not counted";
  }
  return lowered;
}

/// NF4 and FP4: what 4 bits stand for is looked up.
Lowered lower_by_table(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(linear_use(block_rows(n), n.required("K"), n.required("N"), false));
  lowered.reason =
      "its products are counted as those of plain weights: neither the look-up and scaling of its "
      "4-bit weights nor their size are";
  return lowered;
}

constexpr std::array quantized_product_rows{
    Operator{"", "MatMulInteger", infer_integer, lower_integer},
    Operator{"", "QLinearMatMul", infer_quantized, lower_quantized},
    Operator{microsoft, "QGemm", infer_quantized_gemm, lower_quantized_gemm},
    Operator{microsoft, "MatMulIntegerToFloat", infer_real, lower_integer_to_real},
    Operator{microsoft, "DynamicQuantizeMatMul", infer_real, lower_dynamic},
    Operator{microsoft, "MatMulNBits", infer_in_blocks, lower_in_blocks},
    Operator{microsoft, "MatMulBnb4", infer_in_blocks, lower_by_table},
};

}  // namespace

std::span<const Operator> quantized_product_operators() { return quantized_product_rows; }

}  // namespace flopmeter::onnx
