#include "kernels/families/recurrent/onednn.h"

#include "kernels/rnn/rnn.h"

namespace flopmeter::rnn {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return recurrent::prepare_onednn(recurrent::Kind::tanh, s, setup, tensors);
}

}  // namespace flopmeter::rnn
