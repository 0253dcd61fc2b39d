// y[n,i] = x[n,i] / sqrt(mean_square[n] + 1e-5) * scale[i]
// x, y: mb x c; scale: c; mean_square: mb, the mean of x[n,i]^2 over i.
//
// An element costs a multiply and an add for the mean square, a multiply and with affine1 another:
// 4 operations, and a few more for each row. See kernels/families/normalization/reference.h for the
// gradients.
#pragma once

#include "kernels/families/normalization/base.h"

namespace flopmeter::rmsnorm {

/// mb128c4096: 128 rows of 4096 elements, with a scale.
struct Shape {
  std::int64_t mb, c, affine;

  normalization::Normalization normalization() const {
    return {normalization::row_wise(mb, c), normalization::Statistics::mean_square, affine != 0};
  }
  bool operator==(const Shape&) const = default;
};

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : normalization::Base<Layer, Shape, prepare_onednn> {
  static constexpr std::string_view name = "rmsnorm";
  static constexpr std::string_view equation =
      "y[n,i] = x[n,i] / sqrt(mean_square[n] + eps) * scale[i]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 9, "rows: samples, tokens"},
      {"c", &Shape::c, unset, 1, 1, 70, "elements of a row"},
      {"affine", &Shape::affine, 1, 0, 0, 1, "1 with a scale, 0 without"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "c"});

  static Shape complete(Shape);
  static std::vector<Operand> operands(const Shape&, Pass);
};

}  // namespace flopmeter::rmsnorm
