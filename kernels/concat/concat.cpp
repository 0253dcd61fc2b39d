#include "kernels/concat/concat.h"

namespace flopmeter::concat {

Shape Layer::complete(Shape s) {
  if (s.a == unset || s.b == unset) {
    bad_input("concat needs a and b, as in mb8a64b32");
  }
  return s;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  if (pass == Pass::forward) {
    return {{"src0", {s.mb, s.a}, Role::input},
            {"src1", {s.mb, s.b}, Role::input},
            {"dst", {s.mb, checked_add(s.a, s.b)}, Role::output}};
  }
  return {{"diff_dst", {s.mb, checked_add(s.a, s.b)}, Role::input},
          {"diff_src0", {s.mb, s.a}, Role::output},
          {"diff_src1", {s.mb, s.b}, Role::output}};
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::concat
