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

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  return normalization::operands(s.normalization(), pass, {s.mb, s.c}, {s.mb});
}

}  // namespace flopmeter::layernorm
