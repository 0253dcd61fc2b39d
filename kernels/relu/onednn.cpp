#include "kernels/families/eltwise/onednn.h"

#include "kernels/relu/relu.h"

namespace flopmeter::relu {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{.kind = dnnl::algorithm::eltwise_relu};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::relu
