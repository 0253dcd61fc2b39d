#include "kernels/gru/gru.h"

namespace flopmeter::gru {

Shape Layer::complete(const Shape& s) { return recurrent::complete(name, s); }

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::gru
