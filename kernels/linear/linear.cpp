#include "kernels/linear/linear.h"

#include "kernels/openblas/openblas.h"
#include "kernels/sizes.h"
#include "kernels/tolerance.h"

namespace flopmeter::linear {

Shape Layer::complete(Shape s) {
  if (s.ic == unset || s.oc == unset) {
    bad_input("linear needs ic and oc, as in mb32ic512oc1000");
  }
  check_flag(name, "bias", s.bias);
  complete_sizes(s);
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

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  return weighted_operands({.x = {s.mb, s.features()},
                            .weights = {s.oc, s.features()},
                            .y = {s.mb, s.oc},
                            .biases = s.bias * s.oc},
                           pass);
}

Formula Layer::formula(const Shape& s, Pass pass) {
  const std::int64_t weights = checked_product(s.oc, s.features());
  const std::int64_t parameters = checked_add(weights, s.bias * s.oc);
  switch (pass) {
    case Pass::backward_data:
      return unpadded(parameters,
                      sums_of_products(checked_multiply(s.mb, s.features()), s.oc, false));
    case Pass::backward_weights:
      return unpadded(parameters, sums_of_products(weights, s.mb, false) +
                                      s.bias * OpCounts{.adds = checked_multiply(s.oc, s.mb - 1)});
    case Pass::forward:
      break;
  }
  return unpadded(parameters,
                  sums_of_products(checked_multiply(s.mb, s.oc), s.features(), s.bias != 0));
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  switch (pass) {
    case Pass::backward_data:
      return sum_tolerance(s.oc, dtype);
    case Pass::backward_weights:
      return sum_tolerance(s.mb, dtype);
    case Pass::forward:
      break;
  }
  return sum_tolerance(s.features() + s.bias, dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn},
          {"openblas", openblas::prepare}};
}

}  // namespace flopmeter::linear
