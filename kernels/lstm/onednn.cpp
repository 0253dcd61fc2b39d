#include "kernels/families/recurrent/onednn.h"

#include "kernels/lstm/lstm.h"

namespace flopmeter::lstm {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return recurrent::prepare_onednn(recurrent::Kind::lstm, s, setup, tensors);
}

}  // namespace flopmeter::lstm
