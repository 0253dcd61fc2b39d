#include "kernels/families/eltwise/onednn.h"

#include "kernels/gelu_erf/gelu_erf.h"

namespace flopmeter::gelu_erf {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{.kind = dnnl::algorithm::eltwise_gelu_erf};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::gelu_erf
