#include "kernels/leaky_relu/leaky_relu.h"

namespace flopmeter::leaky_relu {

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::leaky_relu
