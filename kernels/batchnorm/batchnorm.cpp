#include "kernels/batchnorm/batchnorm.h"

#include "kernels/families/normalization/notation.h"
#include "kernels/sizes.h"
#include "kernels/tolerance.h"

namespace flopmeter::batchnorm {

Shape Layer::complete(Shape s) {
  if (s.ic == unset) {
    bad_input("batchnorm needs ic, as in mb32ic64ih56");
  }
  check_flag(name, "train", s.train);
  check_flag(name, "affine", s.affine);
  complete_sizes(s);
  return s;
}

std::string Layer::print(const Shape& s) {
  return fmt::format("mb{}ic{}", s.mb, s.ic) + normalization::print_sizes(s) +
         (s.train != 0 ? "train1" : "") + (s.affine == 0 ? "affine0" : "");
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  return normalization::operands(s.normalization(), pass, {s.mb, s.ic, s.id, s.ih, s.iw}, {s.ic},
                                 Role::output);
}

}  // namespace flopmeter::batchnorm
