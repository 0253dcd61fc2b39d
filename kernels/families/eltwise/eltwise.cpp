#include "kernels/families/eltwise/eltwise.h"

#include "kernels/sizes.h"

namespace flopmeter::eltwise {

Shape completed(std::string_view layer, Shape s) {
  if (s.ic == unset) {
    bad_input("{} needs ic, as in mb1ic64ih112 or mb128ic3072", layer);
  }
  complete_sizes(s);
  return s;
}

Values printed(const Shape& s) {
  const bool flat = s.id == 1 && s.ih == 1 && s.iw == 1;
  const bool cube = s.id != 1 && s.id == s.ih && s.ih == s.iw;
  return {s.mb, s.ic, s.id == 1 ? unset : s.id, flat || cube ? unset : s.ih,
          s.ih == s.iw ? unset : s.iw};
}

std::vector<Operand> operands(const Shape& s, Pass pass, std::string_view reads) {
  const std::vector<std::int64_t> dims{s.mb, s.ic, s.id, s.ih, s.iw};
  if (pass == Pass::forward) {
    return {{"src", dims, Role::input}, {"dst", dims, Role::output}};
  }
  return {{reads, dims, Role::input},
          {"diff_dst", dims, Role::input},
          {"diff_src", dims, Role::output}};
}

Tolerance tolerance(const OpCounts& operations, Dtype dtype) {
  const std::int64_t roundings = operations.multiplies + operations.adds + operations.divides +
                                 4 * (operations.exponentials + operations.tanhs + operations.erfs);
  // Twice the roundoff: an error before the final rounding may tip it over.
  return {.absolute = 2 * static_cast<double>(roundings) * unit_roundoff(Dtype::f32),
          .relative = 2 * unit_roundoff(dtype)};
}

}  // namespace flopmeter::eltwise
