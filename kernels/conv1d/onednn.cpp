#include "kernels/conv1d/conv1d.h"

namespace flopmeter::conv1d {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return conv::prepare_onednn(kind, s, setup, tensors);
}

}  // namespace flopmeter::conv1d
