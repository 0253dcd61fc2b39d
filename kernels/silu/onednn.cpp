#include "kernels/families/eltwise/onednn.h"

#include "kernels/silu/silu.h"

namespace flopmeter::silu {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{.kind = dnnl::algorithm::eltwise_swish, .alpha = 1};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::silu
