#include "kernels/conv2d/conv2d.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::conv2d {
namespace {

/// Groups are a dimension of their own for oneDNN; the elements lie in the same order.
dnnl::memory::dims weights_dims(const Shape& s) {
  if (s.g == 1) {
    return {s.oc, s.ic, s.kh, s.kw};
  }
  return {s.g, s.oc / s.g, s.ic / s.g, s.kh, s.kw};
}

/// Direct, not auto: Winograd does other operations than the formula counts.
dnnl::convolution_forward::primitive_desc describe(const Shape& s, dnnl::memory::data_type type) {
  const dnnl::memory::dims strides{s.sh, s.sw};
  const dnnl::memory::dims gaps{s.dh, s.dw};
  const dnnl::memory::dims pad_before{s.ph, s.pw};
  const dnnl::memory::dims pad_after{s.vertical().pad_after(), s.horizontal().pad_after()};
  return onednn::describe<dnnl::convolution_forward>(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      onednn::any_layout({s.mb, s.ic, s.ih, s.iw}, type), onednn::any_layout(weights_dims(s), type),
      onednn::bias_if(s.bias != 0, {s.oc}), onednn::any_layout({s.mb, s.oc, s.oh, s.ow}, type),
      strides, gaps, pad_before, pad_after);
}

onednn::Plan plan(const Shape& s, dnnl::memory::data_type type) {
  const auto description = describe(s, type);
  const dnnl::memory::desc bias = onednn::bias_if(s.bias != 0, {s.oc});
  return {
      dnnl::convolution_forward(description),
      description.impl_info_str(),
      {{DNNL_ARG_SRC, "src", onednn::plain({s.mb, s.ic, s.ih, s.iw}), description.src_desc()},
       {DNNL_ARG_WEIGHTS, "weights", onednn::plain(weights_dims(s)), description.weights_desc()},
       {DNNL_ARG_BIAS, "bias", bias, bias},
       {DNNL_ARG_DST, "dst", onednn::plain({s.mb, s.oc, s.oh, s.ow}), description.dst_desc()}}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return onednn::prepare("convolution", setup, tensors,
                         [&](dnnl::memory::data_type type) { return plan(s, type); });
}

}  // namespace flopmeter::conv2d
