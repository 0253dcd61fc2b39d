// i, f, o = sigma(a_i), sigma(a_f), sigma(a_o), g = tanh(a_g), a = W * x[t] + b1 + U * h[t-1] + b2
// c[t] = f * c[t-1] + i * g, h[t] = P * (o * tanh(c[t])), y[t] = h[t]; no P unless dic is given
// x: t x mb x slc, c: mb x dhc, h: mb x sic, W: 4*dhc x slc, U: 4*dhc x sic, P: dic x dhc, rows of
// W and U in the order i, f, g, o, as PyTorch's LSTM has them; sic = dic, or dhc without P.
#pragma once

#include "kernels/families/recurrent/base.h"

namespace flopmeter::lstm {

using recurrent::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

/// Layers of LSTM cells, written as benchdnn's: l1t10mb32slc128dhc256, with a projection _dic64.
struct Layer : recurrent::Base<Layer, recurrent::Lstm, prepare_onednn> {
  static constexpr std::string_view name = "lstm";
  static constexpr std::string_view equation =
      "c[t] = f * c[t-1] + i * g, h[t] = P * (o * tanh(c[t]))";
  static constexpr auto fields = recurrent::projected_fields;
};

}  // namespace flopmeter::lstm
