// How oneDNN's normalisation primitives are described, with our epsilon.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/families/normalization/layout.h"
#include "kernels/onednn/describe.h"

namespace flopmeter::normalization {

inline constexpr float eps = epsilon;

/// Where statistics are given and channels are last, oneDNN's kernel "tbb" divides the work by the
/// size of the second cache and starts a thread for each part, however few it may use (2.7 and
/// younger; 3.7.2 started 216 for one on a machine that does not say the size). The next kernel does
/// not.
template <class Description>
Description on_as_many_threads_as_asked(Description description, const dnnl::memory::desc& data) {
  const auto starts_its_own = [&] {
    return onednn::is_at_least(2, 7) && onednn::blocking_of(data).blocks.empty() &&
           std::string_view(description.impl_info_str()).find("tbb") != std::string_view::npos;
  };
  while (starts_its_own() && description.next_impl()) {
  }
  return description;
}

/// `further` stands between the tensors and epsilon: the statistics of layer normalisation.
template <class Forward, class... Further>
typename Forward::primitive_desc describe_forward(dnnl::prop_kind kind,
                                                  const dnnl::memory::desc& data,
                                                  dnnl::normalization_flags flags,
                                                  const Further&... further) {
  const auto description =
      onednn::describe_normalization<Forward>(kind, data, further..., eps, flags);
  const bool given =
      (flags & dnnl::normalization_flags::use_global_stats) != dnnl::normalization_flags::none;
  return given ? on_as_many_threads_as_asked(description, data) : description;
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
