// y[n,c,o] = max over the taps i of window o of x[n, c, o*s - p + i*(d+1)], along each axis
// dx[n,c,i] = sum of dy[n,c,o] over the windows o whose maximum is at i
// x: mb x ic x id x ih x iw, y: mb x ic x od x oh x ow. Padding never is the maximum.
#pragma once

#include "kernels/families/pooling/shape.h"
#include "kernels/families/pooling/walk.h"

namespace flopmeter::max_pool {

using Shape = pooling::Shape;

/// An output that sees n inputs is n - 1 comparisons. `argmax` is the tap that won, by its number
/// in the window with its padding (its gaps not counted), the first one of equals; the comparison
/// that finds the maximum finds it too. Backward, every output is one add to a gradient that was
/// zero at first.
struct Layer {
  using Shape = pooling::Shape;
  static constexpr std::string_view name = "max_pool";
  static constexpr std::string_view equation = "y[n,c,o] = max_i x[n,c,o*s-p+i*(d+1)]";
  static constexpr auto fields = pooling::fields_with(std::to_array<Field<Shape>>({
      {"dd", &Shape::dd, unset, 0, 0, 1, "gaps between taps in depth, 0 for a dense window"},
      {"dh", &Shape::dh, unset, 0, 0, 2, "vertical gaps between taps, 0 for a dense window"},
      {"dw", &Shape::dw, unset, 0, 0, 2, "horizontal gaps between taps, 0 for a dense window"},
  }));
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});

  static Shape complete(Shape);
  static std::string print(const Shape& s) { return pooling::print(s); }
  static std::vector<Variable> variables(const Shape& s) { return pooling::variables(s); }
  static Shape padded_out(const Shape& s) { return pooling::padded_out(s); }
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    const std::int64_t inputs = s.id * s.ih * s.iw;
    const std::int64_t outputs = s.od * s.oh * s.ow;
    for (std::int64_t plane = 0; plane < s.mb * s.ic; ++plane) {
      if (pass == Pass::forward) {
        forward(s, tensors["src"] + plane * inputs, tensors["dst"] + plane * outputs,
                tensors["argmax"] + plane * outputs);
      } else {
        backward(s, tensors["diff_dst"] + plane * outputs, tensors["argmax"] + plane * outputs,
                 tensors["diff_src"] + plane * inputs);
      }
    }
  }

 private:
  template <class T>
  static void forward(const Shape& s, const T* x, T* y, T* argmax) {
    const auto axes = s.axes();
    pooling::for_each_output(axes, [&](std::int64_t o, const auto& position) {
      const auto w = pooling::windows(axes, position);
      T best(0);
      std::int64_t winner = unset;
      pooling::for_each_input(axes, w, [&](std::int64_t i, const auto& tap) {
        const std::int64_t number =
            ((w[0].tap + tap[0]) * s.kh + w[1].tap + tap[1]) * s.kw + w[2].tap + tap[2];
        const bool wins = winner == unset || x[i] > best;  // the first is not compared
        best = wins ? x[i] : best;
        winner = wins ? number : winner;
      });
      y[o] = best;
      argmax[o] = T(winner);
    });
  }

  static std::int64_t integer(double value) { return static_cast<std::int64_t>(value); }
  template <class T>
  static std::int64_t integer(Counted<T> counted) {
    return integer(counted.value);
  }

  template <class T>
  static void backward(const Shape& s, const T* dy, const T* argmax, T* dx) {
    const auto axes = s.axes();
    std::fill_n(dx, s.id * s.ih * s.iw, T(0));
    pooling::for_each_output(axes, [&](std::int64_t o, const auto& position) {
      const std::int64_t number = integer(argmax[o]);
      const pooling::Space<std::int64_t> tap{number / s.kw / s.kh, number / s.kw % s.kh,
                                             number % s.kw};
      std::int64_t at = 0;
      for (std::size_t a = 0; a < axes.size(); ++a) {
        // Counting runs on zeros too, and tap 0 may lie in the padding.
        const std::int64_t input = axes[a].input(position[a], tap[a]);
        at = at * axes[a].in + std::clamp<std::int64_t>(input, 0, axes[a].in - 1);
      }
      dx[at] += dy[o];
    });
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::max_pool
