#include "kernels/conv_transpose1d/conv_transpose1d.h"

namespace flopmeter::conv_transpose1d {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return conv_transpose::prepare_onednn(kind, s, setup, tensors);
}

}  // namespace flopmeter::conv_transpose1d
