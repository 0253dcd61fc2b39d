#include "kernels/linear/linear.h"

#include "kernels/tolerance.h"

namespace flopmeter::linear {

Shape Layer::complete(Shape s) {
  check_lowest(field_infos<Layer>(), name, to_values<Layer>(s));
  if (s.ic == unset || s.oc == unset) {
    bad_input("linear needs ic and oc, as in mb32ic512oc1000");
  }
  check_flag(name, "bias", s.bias);
  // benchdnn: giving only the highest spatial dimension means a square or a cube.
  const std::int64_t highest = s.id != unset ? s.id : s.ih != unset ? s.ih : 1;
  s.id = s.id == unset ? 1 : s.id;
  s.ih = s.ih == unset ? highest : s.ih;
  s.iw = s.iw == unset ? s.ih : s.iw;
  return s;
}

std::string Layer::print(const Shape& s) {
  Values values = to_values<Layer>(s);
  const bool flat = s.id == 1 && s.ih == 1 && s.iw == 1;
  const bool square = s.id == 1 && s.ih == s.iw;
  const bool cube = s.id == s.ih && s.ih == s.iw;
  values[2] = s.id == 1 ? unset : s.id;
  values[3] = flat || (cube && s.id != 1) ? unset : s.ih;
  values[4] = flat || square || cube ? unset : s.iw;
  return print_fields(field_infos<Layer>(), values, always_printed);
}

std::vector<Variable> Layer::variables(const Shape& s) { return {{"features", s.features()}}; }

std::vector<Operand> Layer::operands(const Shape& s, Pass) {
  std::vector<Operand> operands{{"src", {s.mb, s.features()}, Role::input},
                                {"weights", {s.oc, s.features()}, Role::parameter}};
  if (s.bias != 0) {
    operands.push_back({"bias", {s.oc}, Role::parameter});
  }
  operands.push_back({"dst", {s.mb, s.oc}, Role::output});
  return operands;
}

Formula Layer::formula(const Shape& s, Pass) {
  const std::int64_t weights = checked_product(s.oc, s.features());
  const OpCounts counts = sums_of_products(checked_product(s.mb, s.oc), s.features(), s.bias != 0);
  return {checked_add(weights, s.bias * s.oc), counts, counts};
}

Tolerance Layer::tolerance(const Shape& s, Dtype dtype) {
  return sum_tolerance(s.features() + s.bias, dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::linear
