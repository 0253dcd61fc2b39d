#include "kernels/families/eltwise/onednn.h"

#include "kernels/sigmoid/sigmoid.h"

namespace flopmeter::sigmoid {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{.kind = dnnl::algorithm::eltwise_logistic_use_dst_for_bwd};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::sigmoid
