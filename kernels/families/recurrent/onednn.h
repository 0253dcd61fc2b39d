// Recurrent layers by oneDNN: one primitive a layer.
#pragma once

#include "kernels/families/recurrent/shape.h"

namespace flopmeter::recurrent {

enum class Kind { tanh, lstm, gru };

Preparation prepare_onednn(Kind, const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::recurrent
