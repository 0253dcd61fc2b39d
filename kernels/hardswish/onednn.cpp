#include "kernels/families/eltwise/onednn.h"

#include "kernels/hardswish/hardswish.h"

namespace flopmeter::hardswish {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const eltwise::Algorithm algorithm{
      .kind = dnnl::algorithm::eltwise_hardswish, .alpha = 1.0F / 6, .beta = 0.5F};
  return eltwise::prepare_onednn<Layer>(algorithm, s, setup, tensors);
}

}  // namespace flopmeter::hardswish
