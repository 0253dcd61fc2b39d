// How oneDNN's normalisation primitives are described, with our epsilon.
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
  return onednn::describe_normalization<Forward>(kind, data, further..., eps, flags);
}

template <class Forward, class Backward, class... Further>
typename Backward::primitive_desc describe_backward(dnnl::prop_kind kind,
                                                    const dnnl::memory::desc& data,
                                                    dnnl::normalization_flags flags,
                                                    const Further&... further) {
  const auto hint =
      describe_forward<Forward>(dnnl::prop_kind::forward_training, data, flags, further...);
  return onednn::describe_normalization_backward<Backward>(hint, kind, data, further..., eps,
                                                           flags);
}

/// With scale and shift, or neither.
inline dnnl::normalization_flags affine_flags(bool affine) {
  using enum dnnl::normalization_flags;
  return affine ? use_scale | use_shift : none;
}

}  // namespace flopmeter::normalization
