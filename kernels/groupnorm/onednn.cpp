#include "kernels/families/normalization/onednn.h"

#include "kernels/groupnorm/groupnorm.h"

namespace flopmeter::groupnorm {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return normalization::prepare_groups_with_onednn(s.normalization(), setup, tensors);
}

}  // namespace flopmeter::groupnorm
