#include "kernels/repeat/repeat.h"

#include "kernels/tolerance.h"

namespace flopmeter::repeat {

Shape Layer::complete(Shape s) {
  if (s.times == unset || s.c == unset) {
    bad_input("repeat needs times and c, as in mb16times8c64");
  }
  return s;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> one{s.mb, s.c};
  const std::vector<std::int64_t> all{s.mb, s.times, s.c};
  if (pass == Pass::forward) {
    return {{"src", one, Role::input}, {"dst", all, Role::output}};
  }
  return {{"diff_dst", all, Role::input}, {"diff_src", one, Role::output}};
}

Formula Layer::formula(const Shape& s, Pass pass) {
  const std::int64_t adds = pass == Pass::forward ? 0 : checked_product(s.mb, s.times - 1, s.c);
  return unpadded(0, {.adds = adds});
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  return pass == Pass::forward ? Tolerance{} : sum_tolerance(s.times, dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::repeat
