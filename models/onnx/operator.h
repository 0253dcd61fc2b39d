// The table of operators: each one row, in the file of its family.
#pragma once

#include <span>
#include <string_view>

#include "models/onnx/node.h"

namespace flopmeter::onnx {

/// What ONNX calls an operator. `infer` sets types, shapes and, where shapes are computed from them,
/// contents of the outputs; `lower` says what arithmetic it is, `layer` is at its disposal.
/// `infer` may throw BadInput for a node that ONNX forbids; both may throw Undetermined.
struct Operator {
  std::string_view domain;
  std::string_view name;
  void (*infer)(NodeView&);
  Lowered (*lower)(const NodeView&);
  std::string_view layer = {};
};

/// Null for an operator that is not known.
const Operator* find_operator(std::string_view domain, std::string_view name);

/// Every row, family by family.
std::span<const std::span<const Operator>> operator_families();

/// Of the standard operators; those of newer files are read as of this.
inline constexpr std::int64_t newest_opset = 25;

inline constexpr std::string_view microsoft = "com.microsoft";
inline constexpr std::string_view nchwc = "com.microsoft.nchwc";
inline constexpr std::string_view learning = "ai.onnx.ml";

// The families, one a file.
std::span<const Operator> convolution_operators();
std::span<const Operator> pooling_operators();
std::span<const Operator> product_operators();
std::span<const Operator> quantized_product_operators();
std::span<const Operator> einsum_operators();
std::span<const Operator> unary_operators();
std::span<const Operator> cast_operators();
std::span<const Operator> binary_operators();
std::span<const Operator> normalization_operators();
std::span<const Operator> softmax_operators();
std::span<const Operator> reduction_operators();
std::span<const Operator> shape_operators();
std::span<const Operator> arranging_operators();
std::span<const Operator> slicing_operators();
std::span<const Operator> indexing_operators();
std::span<const Operator> generator_operators();
std::span<const Operator> recurrent_operators();
std::span<const Operator> resampling_operators();
std::span<const Operator> quantization_operators();
std::span<const Operator> attention_operators();
std::span<const Operator> runtime_attention_operators();
std::span<const Operator> selection_operators();
std::span<const Operator> signal_operators();
std::span<const Operator> loss_operators();
std::span<const Operator> expert_operators();
std::span<const Operator> feature_operators();

}  // namespace flopmeter::onnx
