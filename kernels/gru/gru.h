// r, z = sigma(W * x[t] + b1 + U * h[t-1] + b2)
// n = tanh(W * x[t] + b1 + r * (U * h[t-1] + b2))
// h[t] = (1 - z) * n + z * h[t-1], y[t] = h[t]
//
// x: t x mb x slc, h: mb x dhc, W: 3*dhc x slc, U: 3*dhc x dhc, rows in the order r, z, n, as
// PyTorch's GRU has them. The reset gate is applied to the product: oneDNN's "linear before reset".
#pragma once

#include "kernels/families/recurrent/base.h"

namespace flopmeter::gru {

using recurrent::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

/// Layers of GRU cells, written as benchdnn's: l1t10mb32slc128dhc256.
struct Layer : recurrent::Base<Layer, recurrent::Gru, prepare_onednn> {
  static constexpr std::string_view name = "gru";
  static constexpr std::string_view equation = "h[t] = (1 - z) * n + z * h[t-1]";
  static constexpr auto fields = recurrent::direct_fields;
};

}  // namespace flopmeter::gru
