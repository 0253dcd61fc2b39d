// Matrix products: MatMul broadcasts batches as numpy does, Gemm is alpha * A * B + beta * C.
#include "models/onnx/ops/product.h"

#include <algorithm>
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

using Sizes = std::vector<std::int64_t>;

/// The operands as they are multiplied: FusedMatMul may bring the first axis behind the batches, and
/// transpose the last two.
Dims operand_of(const NodeView& n, std::size_t i, std::string_view flag) {
  Dims dims = n.dims(i);
  if (n.integer(i == 0 ? "transBatchA" : "transBatchB", 0) != 0 && dims.size() >= 3) {
    std::rotate(dims.begin(), dims.begin() + 1, dims.end() - 1);
  }
  if (n.integer(flag, 0) != 0 && dims.size() >= 2) {
    std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
  }
  return dims;
}

void append_factor(const NodeView& n, std::string_view factor, std::int64_t count,
                   Lowered& lowered) {
  if (n.real(factor, 1) != 1) {
    lowered.layers.push_back(binary_use("mul", {count}, {1}, std::string(factor)));
  }
}

void infer_matmul(NodeView& n) {
  n.set(0, n.in(0).elem, matmul_dims(operand_of(n, 0, "transA"), operand_of(n, 1, "transB")));
}

Lowered lower_matmul(const NodeView& n) {
  Lowered lowered =
      lower_product(n, operand_of(n, 0, "transA"), operand_of(n, 1, "transB"), {0, 1});
  append_factor(n, "alpha", n.output_count(), lowered);
  return lowered;
}

void infer_gemm(NodeView& n) {
  const GemmShape shape = gemm_shape(n, {0, 1});
  n.set(0, n.in(0).elem, {shape.m, shape.n});
}

/// Whether C is one value a column, as a layer's bias is.
bool is_bias(const Sizes& c, std::int64_t columns) {
  return !c.empty() && c.back() == columns && product_of(c, 0, c.size()) == columns;
}

Lowered lower_gemm(const NodeView& n) {
  const GemmShape shape = gemm_shape(n, {0, 1});
  const Sizes s = known_sizes({shape.m, shape.k, shape.n});
  const bool has_c = n.has(2) && n.real("beta", 1) != 0;
  const Sizes c = has_c ? n.sizes(2) : Sizes{};
  const bool scaled = n.real("alpha", 1) != 1 || n.real("beta", 1) != 1;
  const bool bias = has_c && !scaled && is_bias(c, s[2]);
  Lowered lowered;
  if (n.constant(1)) {
    lowered.layers.push_back(linear_use(s[0], s[1], s[2], bias));
  } else {
    LayerUse use{"matmul", {}};
    use.text = fmt::format("{}x{}:{}x{}{}{}{}", s[0], s[1], s[1], s[2],
                           n.integer("transA", 0) != 0 ? "_ta1" : "",
                           n.integer("transB", 0) != 0 ? "_tb1" : "", bias ? "_bias1" : "");
    lowered.layers.push_back(use);
  }
  append_factor(n, "alpha", s[0] * s[2], lowered);
  if (has_c && !bias) {
    append_factor(n, "beta", product_of(c, 0, c.size()), lowered);
    lowered.layers.push_back(binary_use("add", {s[0], s[2]}, c, "c"));
  }
  return lowered;
}

Lowered lower_fused_gemm(const NodeView& n) {
  Lowered lowered = lower_gemm(n);
  append_activation(n, lowered);
  return lowered;
}

/// MatMul, a bias and GELU.
Lowered lower_gelu_product(const NodeView& n) {
  Lowered lowered = lower_matmul(n);
  if (n.has(2)) {
    lowered.layers.push_back(binary_use("add", n.output_sizes(), n.sizes(2), "bias"));
  }
  lowered.layers.push_back(unary_use("gelu_tanh", n.output_count(), "gelu"));
  return lowered;
}

struct FusedActivation {
  std::string_view name, layer;
};
constexpr std::array fused_activations{
    FusedActivation{"Relu", "relu"},
    FusedActivation{"LeakyRelu", "leaky_relu"},
    FusedActivation{"Sigmoid", "sigmoid"},
    FusedActivation{"HardSigmoid", "hardsigmoid"},
    FusedActivation{"HardSwish", "hardswish"},
    FusedActivation{"Tanh", "tanh"},
    FusedActivation{"Clip", "clip"},
    FusedActivation{"Elu", "elu"},
    FusedActivation{"Selu", "selu"},
    FusedActivation{"Softplus", "softplus"},
    FusedActivation{"Softsign", "softsign"},
    FusedActivation{"ThresholdedRelu", "thresholded_relu"},
};

constexpr std::array product_rows{
    Operator{"", "MatMul", infer_matmul, lower_matmul},
    Operator{"", "Gemm", infer_gemm, lower_gemm},
    Operator{microsoft, "FusedMatMul", infer_matmul, lower_matmul},
    Operator{microsoft, "TransposeMatMul", infer_matmul, lower_matmul},
    Operator{microsoft, "GemmFastGelu", infer_matmul, lower_gelu_product},
    Operator{microsoft, "FusedGemm", infer_gemm, lower_fused_gemm},
};

}  // namespace

void check_depth(const Dim& a, const Dim& b) {
  if (a.known() && b.known() && a.value() != b.value()) {
    bad_input("A has {} columns but B has {} rows", a.value(), b.value());
  }
}

Dims matmul_dims(Dims a, Dims b) {
  if (a.empty() || b.empty()) {
    bad_input("a scalar cannot be multiplied as a matrix");
  }
  const bool row = a.size() == 1;
  const bool column = b.size() == 1;
  if (row) {
    a.insert(a.begin(), 1);
  }
  if (column) {
    b.push_back(1);
  }
  check_depth(a.back(), b[b.size() - 2]);
  Dims out = broadcast({a.begin(), a.end() - 2}, {b.begin(), b.end() - 2});
  if (!row) {
    out.push_back(a[a.size() - 2]);
  }
  if (!column) {
    out.push_back(b.back());
  }
  return out;
}

LayerUse linear_use(std::int64_t rows, std::int64_t in, std::int64_t out, bool bias) {
  return {"linear", {{"mb", rows}, {"ic", in}, {"oc", out}, {"bias", bias ? 1 : 0}}};
}

LayerUse matmul_use(const Sizes& a, const Sizes& b, bool bias) {
  LayerUse use{"matmul", {}};
  use.text = shape_text(a) + ":" + shape_text(b) + (bias ? "_bias1" : "");
  return use;
}

Lowered lower_product(const NodeView& n, const Dims& a_dims, const Dims& b_dims, ProductInputs at) {
  Sizes a = known_sizes(a_dims);
  Sizes b = known_sizes(b_dims);
  if (a.size() == 1) {
    a.insert(a.begin(), 1);
  }
  if (b.size() == 1) {
    b.push_back(1);
  }
  Lowered lowered;
  lowered.layers.push_back(n.constant(at.b) && b.size() == 2
                               ? linear_use(product_of(a, 0, a.size() - 1), a.back(), b[1], false)
                               : matmul_use(a, b));
  return lowered;
}

GemmShape gemm_shape(const NodeView& n, ProductInputs at) {
  Dims a = n.dims(at.a);
  Dims b = n.dims(at.b);
  if (a.size() != 2 || b.size() != 2) {
    bad_input("A and B have {} and {} dimensions, not 2", a.size(), b.size());
  }
  if (n.integer("transA", 0) != 0) {
    std::swap(a[0], a[1]);
  }
  if (n.integer("transB", 0) != 0) {
    std::swap(b[0], b[1]);
  }
  check_depth(a[1], b[0]);
  return {a[0], a[1].known() ? a[1] : b[0], b[1]};
}

void append_activation(const NodeView& n, Lowered& lowered) {
  const std::string_view activation = n.text("activation", "");
  if (activation.empty()) {
    return;
  }
  const auto* const found =
      std::ranges::find(fused_activations, activation, &FusedActivation::name);
  if (found == fused_activations.end()) {
    lowered.reason = fmt::format("its activation '{}' is not counted", activation);
  } else if (n.output_count() > 0) {
    lowered.layers.push_back(unary_use(found->layer, n.output_count(), std::string(found->layer)));
  }
}

std::span<const Operator> product_operators() { return product_rows; }

}  // namespace flopmeter::onnx
