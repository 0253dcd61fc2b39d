// A convolution of one to three spatial axes, with its passes:
// y[n,o,p] = b[o] + sum_{c,k} x[n, c, p*s - pad + k*(d+1)] * w[o,c,k]
// dx[n,c,q] = sum_{o,k} dy[n,o,p] * w[o,c,k] over the p with p*s - pad + k*(d+1) = q
// dw[o,c,k] = sum_{n,p} dy[n,o,p] * x[n, c, p*s - pad + k*(d+1)], db[o] = sum_{n,p} dy[n,o,p]
// p, q, k are positions with a coordinate on each axis.
// x: mb x ic x id x ih x iw, w: oc x ic/g x kd x kh x kw, b: oc, y: mb x oc x od x oh x ow
#pragma once

#include "kernels/families/conv/layer.h"

namespace flopmeter::conv {

struct Convolution {
  static Shape convolution(const Shape& s) { return s; }
  static Axis complete_axis(const Kind&, Axis, char letter);
  static std::array<std::int64_t, 2> weights(const Shape& s) { return {s.oc, s.ic / s.g}; }
  static OpCounts counts(const Shape&, Pass);
  static std::int64_t terms(const Shape&, Pass);

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    switch (pass) {
      case Pass::forward:
        return Loops<T>::gather(s, t["src"], t["weights"], t["bias"], t["dst"]);
      case Pass::backward_data:
        return Loops<T>::scatter(s, t["diff_dst"], t["weights"], nullptr, t["diff_src"]);
      case Pass::backward_weights:
        Loops<T>::correlate(s, t["src"], t["diff_dst"], t["diff_weights"]);
        if (s.bias != 0) {
          Loops<T>::sum_outputs(s, t["diff_dst"], t["diff_bias"]);
        }
    }
  }

  static Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
  static void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
  static OpCounts stated_eigen(const Shape&, Pass);
  static void eigen_in_double(const Shape&, Tensors<double>&, int threads);
};

template <const Kind& kind>
using Layer = LayerOf<kind, Convolution>;

/// The oneDNN backend of the layer of that kind.
Preparation prepare_onednn(const Kind&, const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::conv
