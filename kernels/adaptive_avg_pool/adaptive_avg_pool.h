// y[n,c,o] = mean of x[n,c,i] over floor(o*in/out) <= i < ceil((o+1)*in/out), along each axis
// dx[n,c,i] = sum of dy[n,c,o] / |window o| over the windows o that see i
// x: mb x ic x id x ih x iw, y: mb x ic x od x oh x ow. Windows: PyTorch's AdaptiveAvgPool.
#pragma once

#include "kernels/families/pooling/mean.h"
#include "kernels/layer.h"

namespace flopmeter::adaptive_avg_pool {

/// mb1ic2048ih7 is global average pooling, mb1ic512ih7oh3 has 3 x 3 outputs.
struct Shape {
  std::int64_t mb, ic, id, ih, iw, od, oh, ow;

  pooling::Space<pooling::AdaptiveAxis> axes() const { return {{{id, od}, {ih, oh}, {iw, ow}}}; }
  /// Channels of all samples, each pooled alone. Throws CountOverflow.
  std::int64_t planes() const { return checked_multiply(mb, ic); }
  std::int64_t outputs() const { return checked_multiply(planes(), checked_product(od, oh, ow)); }
  bool operator==(const Shape&) const = default;
};

/// An output that sees n inputs is n - 1 adds and a divide; backward a divide, and n adds to
/// gradients that were zero at first.
struct Layer {
  using Shape = adaptive_avg_pool::Shape;
  static constexpr std::string_view name = "adaptive_avg_pool";
  static constexpr std::string_view equation =
      "y[n,c,o] = mean of x[n,c,i], floor(o*in/out) <= i < ceil((o+1)*in/out)";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 3, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 20, "channels"},
      {"id", &Shape::id, unset, 1, 1, 5, "input depth"},
      {"ih", &Shape::ih, unset, 1, 1, 12, "input height"},
      {"iw", &Shape::iw, unset, 1, 1, 12, "input width"},
      {"od", &Shape::od, unset, 1, 1, 4, "output depth"},
      {"oh", &Shape::oh, unset, 1, 1, 9, "output height"},
      {"ow", &Shape::ow, unset, 1, 1, 9, "output width"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    pooling::mean(s.axes(), s.mb * s.ic, pass, pooling::inputs, tensors);
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::adaptive_avg_pool
