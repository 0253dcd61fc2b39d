#include "kernels/instancenorm/instancenorm.h"

#include "kernels/families/normalization/notation.h"
#include "kernels/sizes.h"
#include "kernels/tolerance.h"

namespace flopmeter::instancenorm {

Shape Layer::complete(Shape s) {
  if (s.ic == unset) {
    bad_input("instancenorm needs ic, as in mb1ic64ih128");
  }
  check_flag(name, "affine", s.affine);
  complete_sizes(s);
  return s;
}

std::string Layer::print(const Shape& s) {
  return fmt::format("mb{}ic{}", s.mb, s.ic) + normalization::print_sizes(s) +
         (s.affine != 0 ? "affine1" : "");
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  return normalization::operands(s.normalization(), pass, {s.mb, s.ic, s.id, s.ih, s.iw},
                                 {s.mb, s.ic});
}

}  // namespace flopmeter::instancenorm
