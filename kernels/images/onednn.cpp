// oneDNN's resampling and LRN primitives.
#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/images/images.h"
#include "kernels/images/lrn.h"
#include "kernels/onednn/describe_lrn.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::images {
namespace {

onednn::PrimitivePlan resample(dnnl::algorithm algorithm, const ResampleShape& s,
                               const onednn::Types& types) {
  const dnnl::memory::dims from{s.mb, s.ic, s.id, s.ih, s.iw};
  const dnnl::memory::dims to{s.mb, s.ic, s.od, s.oh, s.ow};
  const dnnl::memory::desc src = onednn::row_major(from, types.src);
  const dnnl::memory::desc dst = onednn::row_major(to, types.src);
  const auto description = onednn::describe<dnnl::resampling_forward>(
      dnnl::prop_kind::forward_inference, algorithm, src, dst);
  return {description.impl_info_str(),
          {{dnnl::resampling_forward(description),
            {{DNNL_ARG_SRC, "src", onednn::plain(from), src},
             {DNNL_ARG_DST, "dst", onednn::plain(to), dst}}}}};
}

Preparation prepare(dnnl::algorithm algorithm, const ResampleShape& s, const Setup& setup,
                    Tensors<float>& tensors) {
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN's backward pass of resampling is not asked for"};
  }
  if (s.corners != 0) {
    return Unavailable{"oneDNN resamples with pixels as squares, not with corners on corners"};
  }
  return onednn::prepare("resampling", setup, tensors,
                         [&](const onednn::Types& types) { return resample(algorithm, s, types); });
}

onednn::PrimitivePlan lrn(const Lrn::Shape& s, const onednn::Types& types) {
  dnnl::memory::dims dims{s.mb, s.ic, s.id, s.ih, s.iw};
  if (s.id == 1) {
    dims.erase(dims.begin() + 2);  // of pixels within a channel the rank says how many are summed
  }
  const dnnl::memory::desc data = onednn::row_major(dims, types.src);
  const auto description =
      onednn::describe_lrn(data, s.within != 0, s.size, static_cast<float>(Lrn::alpha),
                           static_cast<float>(Lrn::beta), 1.0F);
  return {description.impl_info_str(),
          {{dnnl::lrn_forward(description),
            {{DNNL_ARG_SRC, "src", onednn::plain(dims), data},
             {DNNL_ARG_DST, "dst", onednn::plain(dims), data}}}}};
}

}  // namespace

Preparation prepare_nearest(const ResampleShape& s, const Setup& setup, Tensors<float>& tensors) {
  return prepare(dnnl::algorithm::resampling_nearest, s, setup, tensors);
}

Preparation prepare_linear(const ResampleShape& s, const Setup& setup, Tensors<float>& tensors) {
  return prepare(dnnl::algorithm::resampling_linear, s, setup, tensors);
}

Preparation prepare_lrn(const Lrn::Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN's backward pass of LRN needs what its forward pass keeps"};
  }
  if (s.size % 2 == 0) {
    return Unavailable{"oneDNN sums up over an odd number of neighbours"};
  }
  return onednn::prepare("LRN", setup, tensors,
                         [&](const onednn::Types& types) { return lrn(s, types); });
}

}  // namespace flopmeter::images
