// i, f, o = sigma(a_i), sigma(a_f), sigma(a_o), g = tanh(a_g), a = W * x[t] + b1 + U * h[t-1] + b2
// c[t] = f * c[t-1] + i * g, h[t] = P * (o * tanh(c[t])), y[t] = h[t]; no P unless dic is given
// x: t x mb x slc, c: mb x dhc, h: mb x sic, W: 4*dhc x slc, U: 4*dhc x sic, P: dic x dhc, rows of
// W and U in the order i, f, g, o, as PyTorch's LSTM has them; sic = dic, or dhc without P.
#pragma once

#include "kernels/recurrent/family.h"

namespace flopmeter::lstm {

using recurrent::Shape;

/// Layers of LSTM cells, written as benchdnn's: l1t10mb32slc128dhc256, with a projection _dic64.
struct Layer : recurrent::Family<recurrent::Lstm> {
  static constexpr std::string_view name = "lstm";
  static constexpr std::string_view equation =
      "c[t] = f * c[t-1] + i * g, h[t] = P * (o * tanh(c[t]))";
  static constexpr auto fields = recurrent::projected_fields;

  static Shape complete(const Shape&);
  static std::vector<Backend<Shape>> backends();
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::lstm
