// A normalisation over neighbours, as describe.h has other primitives: oneDNN 3 wants source and
// destination described each for itself.
#pragma once

#include "kernels/onednn/describe.h"

namespace flopmeter::onednn {

inline dnnl::lrn_forward::primitive_desc describe_lrn(const dnnl::memory::desc& data, bool within,
                                                      dnnl::memory::dim size, float alpha,
                                                      float beta, float k) {
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm =
      within ? dnnl::algorithm::lrn_within_channel : dnnl::algorithm::lrn_across_channels;
#if DNNL_VERSION_MAJOR >= 3
  return describe<dnnl::lrn_forward>(kind, algorithm, data, data, size, alpha, beta, k);
#else
  return describe<dnnl::lrn_forward>(kind, algorithm, data, size, alpha, beta, k);
#endif
}

}  // namespace flopmeter::onednn
