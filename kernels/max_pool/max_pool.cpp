#include "kernels/max_pool/max_pool.h"

#include "kernels/tolerance.h"

namespace flopmeter::max_pool {

Shape Layer::complete(Shape s) { return pooling::complete(name, s); }

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const auto x = pooling::src_dims(s);
  const auto y = pooling::dst_dims(s);
  const Domain taps{Domain::Kind::index, s.window()};
  if (pass == Pass::forward) {
    return {{"src", x, Role::input}, {"dst", y, Role::output}, {"argmax", y, Role::saved, taps}};
  }
  return {{"diff_dst", y, Role::input},
          {"argmax", y, Role::input, taps},
          {"diff_src", x, Role::output}};
}

Formula Layer::formula(const Shape& s, Pass pass) {
  const std::int64_t outputs = s.outputs();
  if (pass == Pass::backward_data) {
    return unpadded(0, {.adds = outputs});
  }
  const std::int64_t all = checked_multiply(outputs, s.window());
  const std::int64_t real = checked_multiply(s.planes(), pooling::taps(s.axes()));
  return {0, {.comparisons = all - outputs}, {.comparisons = real - outputs}};
}

/// A maximum is one of the inputs, which are exact in every dtype. Backward it is a sum, which
/// oneDNN may keep in the dtype of the gradient.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  if (pass == Pass::forward) {
    return {};
  }
  const std::int64_t terms = pooling::overlap(s);
  Tolerance tolerance = sum_tolerance(terms, dtype);
  tolerance.absolute += static_cast<double>(terms - 1) * unit_roundoff(dtype);
  return tolerance;
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::max_pool
