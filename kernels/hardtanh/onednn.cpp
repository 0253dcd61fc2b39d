#include "kernels/families/eltwise/onednn.h"

#include "kernels/hardtanh/hardtanh.h"

namespace flopmeter::hardtanh {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{
      .kind = dnnl::algorithm::eltwise_clip_v2, .alpha = -1, .beta = 1};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::hardtanh
