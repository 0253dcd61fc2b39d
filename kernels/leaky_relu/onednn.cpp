#include "kernels/families/eltwise/onednn.h"

#include "kernels/leaky_relu/leaky_relu.h"

namespace flopmeter::leaky_relu {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{.kind = dnnl::algorithm::eltwise_relu, .alpha = Layer::slope};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::leaky_relu
