#include "kernels/gelu_tanh/gelu_tanh.h"

namespace flopmeter::gelu_tanh {

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::gelu_tanh
