// Matrix products: MatMul broadcasts batches as numpy does, Gemm is alpha * A * B + beta * C, Einsum of
// two operands is a product with its axes in any order.
#include <algorithm>
#include <array>
#include <map>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/window.h"

namespace flopmeter::onnx {
namespace {

/// Where the operands of a product stand.
struct ProductInputs {
  std::size_t a, b;
};

ProductInputs product_inputs(const NodeView& n) {
  if (n.proto.op == "QLinearMatMul" || n.proto.op == "QGemm") {
    return {0, 3};
  }
  return {0, 1};
}

Elem product_result(const NodeView& n) {
  if (n.proto.op == "MatMulInteger") {
    return Elem::s32;
  }
  if (n.proto.op == "MatMulIntegerToFloat" || n.proto.op == "DynamicQuantizeMatMul") {
    return Elem::f32;
  }
  if (n.proto.op == "QLinearMatMul" && n.has(7)) {
    return n.in(7).elem;
  }
  if (n.proto.op == "QGemm") {
    return n.has(8) ? n.in(8).elem : Elem::f32;
  }
  return n.in(0).elem;
}

/// The operands as they are multiplied: FusedMatMul may transpose the last two axes.
Dims operand_of(const NodeView& n, std::size_t i, std::string_view flag) {
  Dims dims = n.dims(i);
  if (n.integer(flag, 0) != 0 && dims.size() >= 2) {
    std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
  }
  return dims;
}

void check_depth(const Dim& a, const Dim& b) {
  if (a.known() && b.known() && a.value() != b.value()) {
    bad_input("A has {} columns but B has {} rows", a.value(), b.value());
  }
}

void infer_matmul(NodeView& n) {
  const auto at = product_inputs(n);
  Dims a = operand_of(n, at.a, "transA");
  Dims b = operand_of(n, at.b, "transB");
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
  n.set(0, product_result(n), out);
}

/// Rows times a constant matrix: each row of A meets all of B.
LayerUse linear_use(std::int64_t rows, std::int64_t in, std::int64_t out, bool bias) {
  return {"linear", {{"mb", rows}, {"ic", in}, {"oc", out}, {"bias", bias ? 1 : 0}}};
}

LayerUse matmul_use(const Sizes& a, const Sizes& b, bool bias = false) {
  LayerUse use{"matmul", {}};
  use.text = shape_text(a) + ":" + shape_text(b) + (bias ? "_bias1" : "");
  return use;
}

Lowered lower_matmul(const NodeView& n) {
  const auto at = product_inputs(n);
  Sizes a = known_sizes(operand_of(n, at.a, "transA"));
  Sizes b = known_sizes(operand_of(n, at.b, "transB"));
  if (a.size() == 1) {
    a.insert(a.begin(), 1);
  }
  if (b.size() == 1) {
    b.push_back(1);
  }
  Lowered lowered;
  if (n.constant(at.b) && b.size() == 2) {
    lowered.layers.push_back(linear_use(product_of(a, 0, a.size() - 1), a.back(), b[1], false));
  } else {
    lowered.layers.push_back(matmul_use(a, b));
  }
  return lowered;
}

struct GemmShape {
  Dim m, k, n;
};

GemmShape gemm_shape(const NodeView& n) {
  const auto at = product_inputs(n);
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

void infer_gemm(NodeView& n) {
  const GemmShape shape = gemm_shape(n);
  n.set(0, product_result(n), {shape.m, shape.n});
}

/// Whether C is one value a column, as a layer's bias is.
bool is_bias(const Sizes& c, std::int64_t columns) {
  return !c.empty() && c.back() == columns && product_of(c, 0, c.size()) == columns;
}

void append_scaling(const NodeView& n, std::string_view factor, std::int64_t count,
                    Lowered& lowered) {
  if (n.real(factor, 1) != 1) {
    lowered.layers.push_back(binary_use("mul", {count}, {1}, std::string(factor)));
  }
}

Lowered lower_gemm(const NodeView& n) {
  const GemmShape shape = gemm_shape(n);
  const Sizes s = known_sizes({shape.m, shape.k, shape.n});
  const std::size_t c_at = n.proto.op == "QGemm" ? 6 : 2;
  const bool has_c = n.has(c_at) && n.real("beta", 1) != 0;
  const Sizes c = has_c ? n.sizes(c_at) : Sizes{};
  const bool scaled = n.real("alpha", 1) != 1 || n.real("beta", 1) != 1;
  const bool bias = has_c && !scaled && is_bias(c, s[2]);
  Lowered lowered;
  if (n.constant(product_inputs(n).b)) {
    lowered.layers.push_back(linear_use(s[0], s[1], s[2], bias));
  } else {
    LayerUse use{"matmul", {}};
    use.text = fmt::format("{}x{}:{}x{}{}{}{}", s[0], s[1], s[1], s[2],
                           n.integer("transA", 0) != 0 ? "_ta1" : "",
                           n.integer("transB", 0) != 0 ? "_tb1" : "", bias ? "_bias1" : "");
    lowered.layers.push_back(use);
  }
  append_scaling(n, "alpha", s[0] * s[2], lowered);
  if (has_c && !bias) {
    append_scaling(n, "beta", product_of(c, 0, c.size()), lowered);
    lowered.layers.push_back(binary_use("add", {s[0], s[2]}, c, "c"));
  }
  return lowered;
}

Lowered lower_fused_gemm(const NodeView& n) {
  Lowered lowered = lower_gemm(n);
  const std::string_view activation = n.text("activation", "");
  if (activation == "Relu") {
    lowered.layers.push_back(unary_use("relu", n.output_count(), "relu"));
  } else if (!activation.empty()) {
    lowered.reason = fmt::format("its activation '{}' is not counted", activation);
  }
  return lowered;
}

// Weights of 4 or 8 bits, [N, blocks, bytes]: the shape stands in the attributes.
void infer_matmul_bits(NodeView& n) {
  Dims out = n.dims(0);
  if (out.empty()) {
    bad_input("its input is a scalar");
  }
  check_depth(out.back(), n.required("K"));
  out.back() = n.required("N");
  n.set(0, n.in(0).elem, out);
}

Lowered lower_matmul_bits(const NodeView& n) {
  const Sizes a = n.sizes(0);
  Lowered lowered;
  lowered.layers.push_back(
      linear_use(product_of(a, 0, a.size() - 1), n.required("K"), n.required("N"), n.has(5)));
  return lowered;
}

/// "bij,bjk->bik" taken apart.
struct Equation {
  std::vector<std::string> inputs;
  std::string output;
};

/// One letter for each of the dimensions that an ellipsis stands for, which no equation uses itself.
constexpr std::string_view ellipsis_letters = "0123456789!#$%&()*+;<=>?@[]^_{|}~";

std::string expand_ellipsis(const std::string& term, std::size_t rank) {
  const std::size_t at = term.find("...");
  if (at == std::string::npos) {
    return term;
  }
  const std::size_t named = term.size() - 3;
  if (named > rank || rank - named > ellipsis_letters.size()) {
    bad_input("equation term '{}' for {} dimensions", term, rank);
  }
  const std::size_t count = rank - named;
  std::string letters;
  for (std::size_t i = 0; i < count; ++i) {
    letters.push_back(ellipsis_letters[count - 1 - i]);
  }
  return term.substr(0, at) + letters + term.substr(at + 3);
}

/// Letters that stand once in all inputs, in alphabetic order, behind those of an ellipsis.
std::string implicit_output(const std::vector<std::string>& inputs) {
  std::map<char, int> seen;
  std::string ellipsis;
  for (const std::string& input : inputs) {
    for (const char c : input) {
      ++seen[c];
    }
  }
  std::string named;
  for (const auto& [c, times] : seen) {
    if (ellipsis_letters.find(c) != std::string_view::npos) {
      ellipsis.insert(ellipsis.begin(), c);
    } else if (times == 1) {
      named.push_back(c);
    }
  }
  return ellipsis + named;
}

Equation read_equation(const NodeView& n) {
  std::string text(n.text("equation", ""));
  std::erase(text, ' ');
  Equation e;
  const std::size_t arrow = text.find("->");
  std::string left = text.substr(0, arrow);
  std::size_t widest = 0;
  for (std::size_t at = 0; at <= left.size();) {
    const std::size_t comma = std::min(left.find(',', at), left.size());
    if (e.inputs.size() >= n.inputs.size()) {
      bad_input("equation '{}' has more terms than there are inputs", text);
    }
    const std::string term = left.substr(at, comma - at);
    const std::size_t rank = n.dims(e.inputs.size()).size();
    if (term.find("...") != std::string::npos) {
      widest = std::max(widest, rank - std::min(rank, term.size() - 3));
    }
    e.inputs.push_back(expand_ellipsis(term, rank));
    if (e.inputs.back().size() != rank) {
      bad_input("equation term '{}' for {} dimensions", term, rank);
    }
    at = comma + 1;
  }
  if (e.inputs.size() != n.inputs.size()) {
    bad_input("equation '{}' has fewer terms than there are inputs", text);
  }
  if (arrow == std::string::npos) {
    e.output = implicit_output(e.inputs);
  } else {
    const std::string right = text.substr(arrow + 2);
    e.output = expand_ellipsis(
        right, right.find("...") == std::string::npos ? right.size() : right.size() - 3 + widest);
  }
  return e;
}

std::map<char, Dim> sizes_by_letter(const NodeView& n, const Equation& e) {
  std::map<char, Dim> sizes;
  for (std::size_t i = 0; i < e.inputs.size(); ++i) {
    for (std::size_t d = 0; d < e.inputs[i].size(); ++d) {
      const auto [found, added] = sizes.emplace(e.inputs[i][d], n.dims(i)[d]);
      if (!added) {
        found->second = broadcast({found->second}, {n.dims(i)[d]})[0];
      }
    }
  }
  return sizes;
}

void infer_einsum(NodeView& n) {
  const Equation e = read_equation(n);
  const auto sizes = sizes_by_letter(n, e);
  Dims out;
  for (const char c : e.output) {
    const auto found = sizes.find(c);
    if (found == sizes.end()) {
      bad_input("equation '{}': '{}' is in no input", n.text("equation", ""), c);
    }
    out.push_back(found->second);
  }
  n.set(0, n.in(0).elem, out);
}

/// The product of two operands: letters of both and the output are batches, of both alone are summed,
/// the rest are rows or columns.
Lowered lower_einsum(const NodeView& n) {
  const Equation e = read_equation(n);
  if (e.inputs.size() != 2) {
    return not_understood(
        fmt::format("an einsum of {} operands: only two are a product", e.inputs.size()));
  }
  std::int64_t batch = 1;
  std::int64_t rows = 1;
  std::int64_t depth = 1;
  std::int64_t columns = 1;
  for (const auto& [c, dim] : sizes_by_letter(n, e)) {
    const bool in_a = e.inputs[0].find(c) != std::string::npos;
    const bool in_b = e.inputs[1].find(c) != std::string::npos;
    const bool out = e.output.find(c) != std::string::npos;
    const std::int64_t size = known_sizes({dim}).front();
    if (!out && in_a != in_b) {
      return not_understood(fmt::format("'{}' of one operand alone is summed", c));
    }
    std::int64_t& part = in_a && in_b ? (out ? batch : depth) : in_a ? rows : columns;
    part = checked_multiply(part, size);
  }
  Lowered lowered;
  lowered.layers.push_back(matmul_use({batch, rows, depth}, {batch, depth, columns}));
  return lowered;
}

constexpr std::array product_rows{
    Operator{"", "MatMul", infer_matmul, lower_matmul},
    Operator{"", "Gemm", infer_gemm, lower_gemm},
    Operator{"", "Einsum", infer_einsum, lower_einsum},
    Operator{"", "MatMulInteger", infer_matmul, lower_matmul},
    Operator{"", "QLinearMatMul", infer_matmul, lower_matmul},
    Operator{microsoft, "FusedMatMul", infer_matmul, lower_matmul},
    Operator{microsoft, "TransposeMatMul", infer_matmul, lower_matmul},
    Operator{microsoft, "FusedGemm", infer_gemm, lower_fused_gemm},
    Operator{microsoft, "QGemm", infer_gemm, lower_gemm},
    Operator{microsoft, "MatMulIntegerToFloat", infer_matmul, lower_matmul},
    Operator{microsoft, "DynamicQuantizeMatMul", infer_matmul, lower_matmul},
    Operator{microsoft, "MatMulNBits", infer_matmul_bits, lower_matmul_bits},
    Operator{microsoft, "MatMulBnb4", infer_matmul_bits, lower_matmul_bits},
};

}  // namespace

std::span<const Operator> product_operators() { return product_rows; }

}  // namespace flopmeter::onnx
