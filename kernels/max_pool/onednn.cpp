#include "kernels/families/pooling/onednn.h"

#include "kernels/max_pool/max_pool.h"

namespace flopmeter::max_pool {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return pooling::prepare_sliding(s, dnnl::algorithm::pooling_max, setup, tensors);
}

}  // namespace flopmeter::max_pool
