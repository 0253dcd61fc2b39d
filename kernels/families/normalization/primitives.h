// How oneDNN's normalisation primitives are described: oneDNN 2 names one tensor for source and
// destination, oneDNN 3 names both.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/families/normalization/layout.h"
#include "kernels/onednn/describe.h"

namespace flopmeter::normalization {

inline constexpr float eps = epsilon;

/// `further` stands between the tensors and epsilon: the statistics of layer normalisation.
template <class Forward, class... Further>
typename Forward::primitive_desc describe_forward(dnnl::prop_kind kind,
                                                  const dnnl::memory::desc& data,
                                                  dnnl::normalization_flags flags,
                                                  const Further&... further) {
#if DNNL_VERSION_MAJOR >= 3
  return onednn::describe<Forward>(kind, data, data, further..., eps, flags);
#else
  return onednn::describe<Forward>(kind, data, further..., eps, flags);
#endif
}

template <class Forward, class Backward, class... Further>
typename Backward::primitive_desc describe_backward(dnnl::prop_kind kind,
                                                    const dnnl::memory::desc& data,
                                                    dnnl::normalization_flags flags,
                                                    const Further&... further) {
  const auto hint =
      describe_forward<Forward>(dnnl::prop_kind::forward_training, data, flags, further...);
#if DNNL_VERSION_MAJOR >= 3
  return onednn::describe_backward<Backward>(hint, kind, data, data, data, further..., eps, flags);
#else
  return onednn::describe_backward<Backward>(hint, kind, data, data, further..., eps, flags);
#endif
}

/// With scale and shift, or neither.
inline dnnl::normalization_flags affine_flags(bool affine) {
  using enum dnnl::normalization_flags;
  return affine ? use_scale | use_shift : none;
}

}  // namespace flopmeter::normalization
