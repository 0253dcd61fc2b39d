// y[n,i] = (x[n,i] - mean[n]) / sqrt(variance[n] + 1e-5) * scale[i] + shift[i]
// x, y: mb x c; scale, shift: c; mean, variance: mb, over i.
//
// An element costs a subtract, a multiply and an add for the variance, an add for the mean, and a
// subtract, a multiply and with affine1 a multiply and an add: 8 operations, and a few more for
// each row. See kernels/families/normalization/reference.h for the gradients.
#pragma once

#include "kernels/families/normalization/base.h"

namespace flopmeter::layernorm {

/// mb128c768: 128 rows of 768 elements, with scale and shift.
struct Shape {
  std::int64_t mb, c, affine;

  normalization::Normalization normalization() const {
    return {normalization::row_wise(mb, c), normalization::Statistics::computed, affine != 0};
  }
  bool operator==(const Shape&) const = default;
};

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : normalization::Base<Layer, Shape, prepare_onednn> {
  static constexpr std::string_view name = "layernorm";
  static constexpr std::string_view equation =
      "y[n,i] = (x[n,i] - mean[n]) / sqrt(variance[n] + eps) * scale[i] + shift[i]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 9, "rows: samples, tokens"},
      {"c", &Shape::c, unset, 1, 1, 70, "elements of a row"},
      {"affine", &Shape::affine, 1, 0, 0, 1, "1 with scale and shift, 0 without"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "c"});

  static Shape complete(Shape);
  static std::vector<Operand> operands(const Shape&, Pass);
};

}  // namespace flopmeter::layernorm
