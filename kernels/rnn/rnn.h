// h[t] = tanh(W * x[t] + b1 + U * h[t-1] + b2), y[t] = h[t]
// x: t x mb x slc, h: mb x dhc, W: dhc x slc, U: dhc x dhc. Elman's network, as PyTorch's RNN.
// da = dh * (1 - h^2), dh[t-1] += U^T * da[t], dx = W^T * da, dW = sum da * x^T, dU = sum da * h^T
#pragma once

#include "kernels/families/recurrent/base.h"

namespace flopmeter::rnn {

using recurrent::Shape;

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

/// Layers of tanh cells, written as benchdnn's: l1t10mb32slc128dhc256.
struct Layer : recurrent::Base<Layer, recurrent::Tanh, prepare_onednn> {
  static constexpr std::string_view name = "rnn";
  static constexpr std::string_view equation = "h[t] = tanh(W * x[t] + b1 + U * h[t-1] + b2)";
  static constexpr auto fields = recurrent::plain_fields;
};

}  // namespace flopmeter::rnn
