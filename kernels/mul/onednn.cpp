#include "kernels/families/broadcast/onednn.h"

#include "kernels/mul/mul.h"

namespace flopmeter::mul {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return broadcast::prepare_onednn(dnnl::algorithm::binary_mul, s, setup, tensors);
}

}  // namespace flopmeter::mul
