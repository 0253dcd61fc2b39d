#include "kernels/conv_transpose2d/conv_transpose2d.h"

namespace flopmeter::conv_transpose2d {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return conv_transpose::prepare_onednn(kind, s, setup, tensors);
}

}  // namespace flopmeter::conv_transpose2d
