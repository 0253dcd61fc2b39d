#include "kernels/conv3d/conv3d.h"

namespace flopmeter::conv3d {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return conv::prepare_onednn(kind, s, setup, tensors);
}

}  // namespace flopmeter::conv3d
