#include "kernels/tanh/tanh.h"

namespace flopmeter::tanh {

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::tanh
