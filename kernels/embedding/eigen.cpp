// Row copies by Eigen.
#include <Eigen/Core>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/embedding/embedding.h"

namespace flopmeter::embedding {
namespace {

template <class T>
void look_up(const Shape& s, Tensors<T>& tensors, int threads) {
  using Row = Eigen::Array<T, Eigen::Dynamic, 1>;
  const T* indices = tensors["src"];
  const T* table = tensors["weights"];
  T* y = tensors["dst"];
  for (std::int64_t n = 0; n < s.mb; ++n) {
    place(indices[n], s.vocab);  // here, since nothing may be thrown by a team's thread
  }
  eigen::share(s.mb, threads, [&](std::int64_t n) {
    const T* row = table + place(indices[n], s.vocab) * s.dim;
    Eigen::Map<Row>(y + n * s.dim, s.dim) = Eigen::Map<const Row>(row, s.dim);
  });
}

}  // namespace

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = [s, &tensors, threads = setup.threads] { look_up(s, tensors, threads); },
                  .implementation = "Eigen row copies"};
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  look_up(s, tensors, 1);
}

OpCounts stated_eigen(const Shape&, Pass) { return {}; }

}  // namespace flopmeter::embedding
