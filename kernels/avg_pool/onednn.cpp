#include "kernels/families/pooling/onednn.h"

#include "kernels/avg_pool/avg_pool.h"

namespace flopmeter::avg_pool {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const auto algorithm = s.countpad != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                         : dnnl::algorithm::pooling_avg_exclude_padding;
  return pooling::prepare_sliding(s, algorithm, setup, tensors);
}

}  // namespace flopmeter::avg_pool
