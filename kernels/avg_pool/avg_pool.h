// y[n,c,o] = sum over the taps i of window o of x[n, c, o*s - p + i*(d+1)] / |window o|, along each axis
// dx[n,c,i] = sum of dy[n,c,o] / |window o| over the windows o that see i
// x: mb x ic x id x ih x iw, y: mb x ic x od x oh x ow
#pragma once

#include "kernels/families/pooling/mean.h"
#include "kernels/families/pooling/shape.h"

namespace flopmeter::avg_pool {

using Shape = pooling::Shape;

/// An output that sees n inputs is n - 1 adds and a divide. Its window counts all taps with
/// countpad1 (PyTorch's count_include_pad), and else those on real inputs. Backward it is a divide,
/// and n adds to gradients that were zero at first.
struct Layer {
  using Shape = pooling::Shape;
  static constexpr std::string_view name = "avg_pool";
  static constexpr std::string_view equation = "y[n,c,o] = sum_i x[n,c,o*s-p+i*(d+1)] / |window o|";
  static constexpr auto fields = pooling::fields_with(std::to_array<Field<Shape>>({
      {"countpad", &Shape::countpad, 1, 0, 0, 1,
       "1: padding counts in the divisor, 0: it does not"},
      {"dd", &Shape::dd, unset, 0, 0, 1, "gaps between taps in depth, 0 for a dense window"},
      {"dh", &Shape::dh, unset, 0, 0, 2, "vertical gaps between taps, 0 for a dense window"},
      {"dw", &Shape::dw, unset, 0, 0, 2, "horizontal gaps between taps, 0 for a dense window"},
  }));
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape& s) { return pooling::variables(s); }
  static Shape padded_out(const Shape& s) { return pooling::padded_out(s); }
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    const auto divisor = [&](const pooling::Space<pooling::Window>& w) {
      return s.countpad != 0 ? s.kd * s.kh * s.kw : inputs(w);
    };
    pooling::mean(s.axes(), s.mb * s.ic, pass, divisor, tensors);
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::avg_pool
