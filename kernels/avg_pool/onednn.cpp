#include "kernels/families/pooling/onednn.h"

#include <algorithm>

#include "kernels/avg_pool/avg_pool.h"

namespace flopmeter::avg_pool {

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  // A window with gaps may begin further before the input than it has taps.
  const bool wide = std::ranges::any_of(s.axes(), [](const pooling::Axis& axis) {
    return std::max(axis.pad, axis.pad_after()) >= axis.kernel;
  });
  if (wide && s.countpad == 0) {
    return Unavailable{"oneDNN's mean of real inputs takes less padding than the window has taps"};
  }
  const auto algorithm = s.countpad != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                         : dnnl::algorithm::pooling_avg_exclude_padding;
  return pooling::prepare_sliding(s, algorithm, setup, tensors);
}

}  // namespace flopmeter::avg_pool
