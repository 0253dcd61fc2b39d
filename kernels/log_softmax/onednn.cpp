#include "kernels/families/softmax_rows/onednn.h"

#include "kernels/log_softmax/log_softmax.h"

namespace flopmeter::log_softmax {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return softmax_rows::prepare_onednn(Layer::name, dnnl::algorithm::softmax_log, s, setup, tensors);
}

}  // namespace flopmeter::log_softmax
