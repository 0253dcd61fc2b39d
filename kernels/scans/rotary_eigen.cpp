// Rotary embeddings as array expressions, head by head.
#include <Eigen/Core>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/scans/scans.h"

namespace flopmeter::scans {
namespace {

template <class T>
using Features = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstFeatures = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
void rotate(const Rotary::Shape& s, Tensors<T>& t, int threads) {
  const std::int64_t half = s.rot / 2;
  eigen::share(s.mb * s.l, threads, [&](std::int64_t token) {
    const ConstFeatures<T> cos(t["cos"] + token % s.l * half, half);
    const ConstFeatures<T> sin(t["sin"] + token % s.l * half, half);
    for (std::int64_t head = 0; head < s.h; ++head) {
      const ConstFeatures<T> x(t["src"] + (token * s.h + head) * s.d, s.d);
      Features<T> y(t["dst"] + (token * s.h + head) * s.d, s.d);
      y.head(half) = x.head(half) * cos - x.segment(half, half) * sin;
      y.segment(half, half) = x.segment(half, half) * cos + x.head(half) * sin;
      y.tail(s.d - s.rot) = x.tail(s.d - s.rot);
    }
  });
}

}  // namespace

Preparation prepare_rotary_eigen(const Rotary::Shape& shape, const Setup& setup,
                                 Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{
      .run = [shape, &tensors, threads = setup.threads] { rotate(shape, tensors, threads); },
      .implementation = "Eigen array expressions"};
}

void counted_rotary_eigen(const Rotary::Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  rotate(shape, tensors, 1);
}

}  // namespace flopmeter::scans
