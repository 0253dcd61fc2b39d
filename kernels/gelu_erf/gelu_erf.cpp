#include "kernels/gelu_erf/gelu_erf.h"

namespace flopmeter::gelu_erf {

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::gelu_erf
