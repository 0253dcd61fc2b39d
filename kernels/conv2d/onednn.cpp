#include "kernels/conv2d/conv2d.h"

namespace flopmeter::conv2d {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return conv::prepare_onednn(kind, s, setup, tensors);
}

}  // namespace flopmeter::conv2d
