#include "kernels/families/eltwise/onednn.h"

#include "kernels/tanh/tanh.h"

namespace flopmeter::tanh {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{.kind = dnnl::algorithm::eltwise_tanh_use_dst_for_bwd};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::tanh
