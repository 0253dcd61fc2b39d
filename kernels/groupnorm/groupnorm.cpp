#include "kernels/groupnorm/groupnorm.h"

#include "kernels/families/normalization/notation.h"
#include "kernels/sizes.h"
#include "kernels/tolerance.h"

namespace flopmeter::groupnorm {

Shape Layer::complete(Shape s) {
  if (s.g == unset || s.ic == unset) {
    bad_input("groupnorm needs g and ic, as in g32mb1ic320ih64");
  }
  if (s.ic % s.g != 0) {
    bad_input("groupnorm: g {} must divide ic {}", s.g, s.ic);
  }
  check_flag(name, "affine", s.affine);
  complete_sizes(s);
  return s;
}

std::string Layer::print(const Shape& s) {
  return fmt::format("g{}mb{}ic{}", s.g, s.mb, s.ic) + normalization::print_sizes(s) +
         (s.affine == 0 ? "affine0" : "");
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  return normalization::operands(s.normalization(), pass, {s.mb, s.ic, s.id, s.ih, s.iw},
                                 {s.mb, s.g});
}

}  // namespace flopmeter::groupnorm
