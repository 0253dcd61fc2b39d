#include "kernels/conv_transpose3d/conv_transpose3d.h"

namespace flopmeter::conv_transpose3d {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return conv_transpose::prepare_onednn(kind, s, setup, tensors);
}

}  // namespace flopmeter::conv_transpose3d
