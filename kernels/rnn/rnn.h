// h[t] = tanh(W * x[t] + b1 + U * h[t-1] + b2), y[t] = h[t]
// x: t x mb x slc, h: mb x dhc, W: dhc x slc, U: dhc x dhc. Elman's network, as PyTorch's RNN.
// da = dh * (1 - h^2), dh[t-1] += U^T * da[t], dx = W^T * da, dW = sum da * x^T, dU = sum da * h^T
#pragma once

#include "kernels/recurrent/family.h"

namespace flopmeter::rnn {

using recurrent::Shape;

/// Layers of tanh cells, written as benchdnn's: l1t10mb32slc128dhc256.
struct Layer : recurrent::Family<recurrent::Tanh> {
  static constexpr std::string_view name = "rnn";
  static constexpr std::string_view equation = "h[t] = tanh(W * x[t] + b1 + U * h[t-1] + b2)";
  static constexpr auto fields = recurrent::plain_fields;

  static Shape complete(const Shape&);
  static std::vector<Backend<Shape>> backends();
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::rnn
