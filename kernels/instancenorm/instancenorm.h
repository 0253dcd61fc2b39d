// y[n,c,i] = (x[n,c,i] - mean[n,c]) / sqrt(variance[n,c] + 1e-5) * scale[c] + shift[c]
// x, y: mb x ic x id x ih x iw, of which i is the last three; scale, shift: ic; mean, variance:
// mb x ic, over i.
//
// An element costs a subtract, a multiply and an add for the variance, an add for the mean, and a
// subtract, a multiply and with affine1 a multiply and an add: 8 operations, 6 without, and a few
// more for each plane. See kernels/families/normalization/reference.h for the gradients.
#pragma once

#include "kernels/families/normalization/base.h"

namespace flopmeter::instancenorm {

/// mb1ic64ih128: planes of 128 x 128, without scale and shift, as in PyTorch.
struct Shape {
  std::int64_t mb, ic, id, ih, iw, affine;

  /// Elements of a channel of one sample. Throws CountOverflow.
  std::int64_t plane() const { return checked_product(id, ih, iw); }
  normalization::Normalization normalization() const {
    return {normalization::group_wise(mb, ic, plane(), ic), normalization::Statistics::computed,
            affine != 0};
  }
  bool operator==(const Shape&) const = default;
};

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : normalization::Base<Layer, Shape, prepare_onednn> {
  static constexpr std::string_view name = "instancenorm";
  static constexpr std::string_view equation =
      "y[n,c,i] = (x[n,c,i] - mean[n,c]) / sqrt(variance[n,c] + eps) * scale[c] + shift[c]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 4, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 20, "channels"},
      {"id", &Shape::id, unset, 1, 1, 3, "depth"},
      {"ih", &Shape::ih, unset, 1, 1, 9, "height"},
      {"iw", &Shape::iw, unset, 1, 1, 9, "width"},
      {"affine", &Shape::affine, 0, 0, 0, 1, "1 with scale and shift, 0 without"},
  });

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape& s) { return {{"plane", s.plane()}}; }
  static std::vector<Operand> operands(const Shape&, Pass);
};

}  // namespace flopmeter::instancenorm
