#include "kernels/rmsnorm/rmsnorm.h"

namespace flopmeter::rmsnorm {

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&) {
  return Unavailable{"oneDNN's layer normalisation always subtracts the mean"};
}

}  // namespace flopmeter::rmsnorm
