// A transposed convolution of one to three spatial axes, with its passes. Each input is scattered
// to the outputs that its taps touch: y[n,o,q] = b[o] + sum_{c,k} x[n,c,p] * w[c,o,k] over the p
// with p*s - pad + k*(d+1) = q dx[n,c,p] = sum_{o,k} dy[n, o, p*s - pad + k*(d+1)] * w[c,o,k]
// dw[c,o,k] = sum_{n,p} x[n,c,p] * dy[n, o, p*s - pad + k*(d+1)], db[o] = sum_{n,q} dy[n,o,q]
// x: mb x ic x id x ih x iw, w: ic x oc/g x kd x kh x kw (as PyTorch), y: mb x oc x od x oh x ow
// It is the gradient of the input of its mirror image, a convolution, and the other way round.
#pragma once

#include "kernels/families/conv/layer.h"

namespace flopmeter::conv_transpose {

using conv::Shape;

/// Padding crops the output on both sides, o = (i-1)*s + (k-1)*(d+1) + 1 - 2*pad. PyTorch's output
/// padding is written by giving a larger o, up to less than a stride beyond the last tap. In bounds
/// are the taps whose output exists; the dense form has every tap of every input.
struct Transposed {
  static Shape convolution(const Shape& s) { return conv::mirrored(s); }
  static conv::Axis complete_axis(const conv::Kind&, conv::Axis, char letter);
  static std::array<std::int64_t, 2> weights(const Shape& s) { return {s.ic, s.oc / s.g}; }
  static OpCounts counts(const Shape&, Pass);
  static std::int64_t terms(const Shape&, Pass);

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    using Loops = conv::Loops<T>;
    const Shape mirror = convolution(s);
    switch (pass) {
      case Pass::forward:
        return Loops::scatter(mirror, t["src"], t["weights"], t["bias"], t["dst"]);
      case Pass::backward_data:
        return Loops::gather(mirror, t["diff_dst"], t["weights"], nullptr, t["diff_src"]);
      case Pass::backward_weights:
        Loops::correlate(mirror, t["diff_dst"], t["src"], t["diff_weights"]);
        if (s.bias != 0) {
          Loops::sum_outputs(s, t["diff_dst"], t["diff_bias"]);
        }
    }
  }

  static Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
  static void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
  static OpCounts stated_eigen(const Shape&, Pass);
};

template <const conv::Kind& kind>
using Layer = conv::LayerOf<kind, Transposed>;

/// The oneDNN backend of the layer of that kind.
Preparation prepare_onednn(const conv::Kind&, const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::conv_transpose
