// oneDNN's windows slide: those of adaptive pooling do where they are all of one size and distance.
#include "kernels/families/pooling/onednn.h"

#include <optional>

#include "kernels/adaptive_avg_pool/adaptive_avg_pool.h"

namespace flopmeter::adaptive_avg_pool {
namespace {

std::optional<pooling::Axis> sliding(const pooling::AdaptiveAxis& axis) {
  const pooling::Window first = pooling::window(axis, 0);
  const std::int64_t stride = axis.out > 1 ? pooling::window(axis, 1).first : 1;
  for (std::int64_t o = 1; o < axis.out; ++o) {
    const pooling::Window w = pooling::window(axis, o);
    if (w.count != first.count || w.first != o * stride) {
      return std::nullopt;
    }
  }
  if (stride == 0) {
    return std::nullopt;
  }
  return pooling::Axis{axis.in, axis.out, first.count, stride, 0, 0};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  const auto d = sliding(s.axes()[0]);
  const auto h = sliding(s.axes()[1]);
  const auto w = sliding(s.axes()[2]);
  if (!d || !h || !w) {
    return Unavailable{"oneDNN has no pooling with windows of several sizes or distances"};
  }
  const pooling::Shape same{s.mb, s.ic,      s.id,      s.ih,      s.iw,      s.od,      s.oh,
                            s.ow, d->kernel, h->kernel, w->kernel, d->stride, h->stride, w->stride,
                            0,    0,         0,         0,         0,         0,         0};
  return pooling::prepare_sliding(same, dnnl::algorithm::pooling_avg_exclude_padding, setup,
                                  tensors);
}

}  // namespace flopmeter::adaptive_avg_pool
