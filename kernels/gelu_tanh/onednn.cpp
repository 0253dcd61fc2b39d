#include "kernels/families/eltwise/onednn.h"

#include "kernels/gelu_tanh/gelu_tanh.h"

namespace flopmeter::gelu_tanh {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{.kind = dnnl::algorithm::eltwise_gelu_tanh};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::gelu_tanh
