// y[n,c,i] = (x[n,c,i] - mean[c]) / sqrt(variance[c] + 1e-5) * scale[c] + shift[c]
// x, y: mb x ic x id x ih x iw, of which i is the last three; all others: ic.
//
// With train1 mean and variance are those of the batch, over n and i, and results; with train0
// (inference) they are inputs, and constants backward. An element costs, without statistics, a
// subtract, a multiply and with affine1 a multiply and an add, 4 operations; the statistics 3 more
// and a few operations a channel. See kernels/families/normalization/reference.h for the gradients.
#pragma once

#include "kernels/families/normalization/base.h"

namespace flopmeter::batchnorm {

/// mb32ic64ih56: 56 x 56, inference, with scale and shift.
struct Shape {
  std::int64_t mb, ic, id, ih, iw, train, affine;

  /// Elements of a channel of one sample. Throws CountOverflow.
  std::int64_t plane() const { return checked_product(id, ih, iw); }
  normalization::Normalization normalization() const {
    return {normalization::channel_wise(mb, ic, plane()),
            train != 0 ? normalization::Statistics::computed : normalization::Statistics::given,
            affine != 0};
  }
  bool operator==(const Shape&) const = default;
};

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : normalization::Base<Layer, Shape, prepare_onednn> {
  static constexpr std::string_view name = "batchnorm";
  static constexpr std::string_view equation =
      "y[n,c,i] = (x[n,c,i] - mean[c]) / sqrt(variance[c] + eps) * scale[c] + shift[c]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 5, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 20, "channels"},
      {"id", &Shape::id, unset, 1, 1, 3, "depth"},
      {"ih", &Shape::ih, unset, 1, 1, 9, "height"},
      {"iw", &Shape::iw, unset, 1, 1, 9, "width"},
      {"train", &Shape::train, 0, 0, 0, 1, "1: statistics of the batch, 0: given ones"},
      {"affine", &Shape::affine, 1, 0, 0, 1, "1 with scale and shift, 0 without"},
  });

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape& s) { return {{"plane", s.plane()}}; }
  static std::vector<Operand> operands(const Shape&, Pass);
};

}  // namespace flopmeter::batchnorm
