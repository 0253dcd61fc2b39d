#include "kernels/families/normalization/onednn.h"

#include "kernels/instancenorm/instancenorm.h"

namespace flopmeter::instancenorm {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return normalization::prepare_groups_with_onednn(s.normalization(), setup, tensors);
}

}  // namespace flopmeter::instancenorm
