#include "kernels/layernorm/layernorm.h"

#include "kernels/tolerance.h"

namespace flopmeter::layernorm {

Shape Layer::complete(Shape s) {
  if (s.c == unset) {
    bad_input("layernorm needs c, as in mb128c768");
  }
  check_flag(name, "affine", s.affine);
  return s;
}

std::string Layer::print(const Shape& s) {
  return fmt::format("mb{}c{}", s.mb, s.c) + (s.affine == 0 ? "affine0" : "");
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  return normalization::operands(s.normalization(), pass, {s.mb, s.c}, {s.mb});
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::layernorm
