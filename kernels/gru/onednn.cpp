#include "kernels/families/recurrent/onednn.h"

#include "kernels/gru/gru.h"

namespace flopmeter::gru {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return recurrent::prepare_onednn(recurrent::Kind::gru, s, setup, tensors);
}

}  // namespace flopmeter::gru
