// y[n,c,i] = (x[n,c,i] - mean[n,k]) / sqrt(variance[n,k] + 1e-5) * scale[c] + shift[c]
// x, y: mb x ic x id x ih x iw, of which i is the last three; scale, shift: ic; mean, variance:
// mb x g, over the channels c of group k = c / (ic / g) and i of one sample.
//
// An element costs a subtract, a multiply and an add for the variance, an add for the mean, and a
// subtract, a multiply and with affine1 a multiply and an add: 8 operations, and a few more for
// each group. See kernels/families/normalization/reference.h for the gradients.
#pragma once

#include "kernels/families/normalization/base.h"

namespace flopmeter::groupnorm {

/// g32mb1ic320ih64: 32 groups of 10 channels of 64 x 64, with scale and shift.
struct Shape {
  std::int64_t g, mb, ic, id, ih, iw, affine;

  /// Elements of a channel of one sample. Throws CountOverflow.
  std::int64_t plane() const { return checked_product(id, ih, iw); }
  normalization::Normalization normalization() const {
    return {normalization::group_wise(mb, ic, plane(), g), normalization::Statistics::computed,
            affine != 0};
  }
  bool operator==(const Shape&) const = default;
};

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : normalization::Base<Layer, Shape, prepare_onednn> {
  static constexpr std::string_view name = "groupnorm";
  static constexpr std::string_view equation =
      "y[n,c,i] = (x[n,c,i] - mean[n,k]) / sqrt(variance[n,k] + eps) * scale[c] + shift[c]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"g", &Shape::g, unset, 1, 1, 6, "groups of channels"},
      {"mb", &Shape::mb, 2, 1, 1, 4, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 24, "channels, of all groups"},
      {"id", &Shape::id, unset, 1, 1, 3, "depth"},
      {"ih", &Shape::ih, unset, 1, 1, 9, "height"},
      {"iw", &Shape::iw, unset, 1, 1, 9, "width"},
      {"affine", &Shape::affine, 1, 0, 0, 1, "1 with scale and shift, 0 without"},
  });

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape& s) { return {{"plane", s.plane()}}; }
  static std::vector<Operand> operands(const Shape&, Pass);
};

}  // namespace flopmeter::groupnorm
