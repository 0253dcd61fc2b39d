#include "kernels/avg_pool/avg_pool.h"

#include "kernels/tolerance.h"

namespace flopmeter::avg_pool {

Shape Layer::complete(Shape s) {
  check_flag(name, "countpad", s.countpad);
  return pooling::complete(name, s);
}

std::string Layer::print(const Shape& s) {
  return pooling::print(s) + (s.countpad == 0 ? "countpad0" : "");
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const auto x = pooling::src_dims(s);
  const auto y = pooling::dst_dims(s);
  if (pass == Pass::forward) {
    return {{"src", x, Role::input}, {"dst", y, Role::output}};
  }
  return {{"diff_dst", y, Role::input}, {"diff_src", x, Role::output}};
}

Formula Layer::formula(const Shape& s, Pass pass) {
  const std::int64_t all = checked_multiply(s.outputs(), s.window());
  const std::int64_t real = checked_multiply(s.planes(), pooling::taps(s.axes()));
  return {0, pooling::mean_counts(pass, all, s.outputs()),
          pooling::mean_counts(pass, real, s.outputs())};
}

/// Of a sum; no divisor is below 1. Backward oneDNN may keep it in the dtype of the gradient.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t terms = pass == Pass::forward ? s.window() : pooling::overlap(s);
  Tolerance tolerance = sum_tolerance(terms, dtype);
  if (pass == Pass::backward_data) {
    tolerance.absolute += static_cast<double>(terms - 1) * unit_roundoff(dtype);
  }
  return tolerance;
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::avg_pool
