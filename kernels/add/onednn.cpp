#include "kernels/families/broadcast/onednn.h"

#include "kernels/add/add.h"

namespace flopmeter::add {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return broadcast::prepare_onednn(dnnl::algorithm::binary_add, s, setup, tensors);
}

}  // namespace flopmeter::add
