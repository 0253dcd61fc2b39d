#include "kernels/families/softmax_rows/onednn.h"

#include "kernels/softmax/softmax.h"

namespace flopmeter::softmax {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return softmax_rows::prepare_onednn(Layer::name, dnnl::algorithm::softmax_accurate, s, setup,
                                      tensors);
}

}  // namespace flopmeter::softmax
