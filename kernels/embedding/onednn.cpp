#include "kernels/embedding/embedding.h"

namespace flopmeter::embedding {

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&) {
  return Unavailable{"oneDNN has no primitive that looks up rows of a table"};
}

}  // namespace flopmeter::embedding
