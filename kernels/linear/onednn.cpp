#include "kernels/linear/linear.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::linear {
namespace {

onednn::Plan plan(const Shape& s, dnnl::memory::data_type type) {
  const dnnl::memory::dims src{s.mb, s.features()};
  const dnnl::memory::dims weights{s.oc, s.features()};
  const dnnl::memory::dims dst{s.mb, s.oc};
  const dnnl::memory::desc bias = onednn::bias_if(s.bias != 0, {s.oc});
  const auto description = onednn::describe<dnnl::inner_product_forward>(
      dnnl::prop_kind::forward_inference, onednn::any_layout(src, type),
      onednn::any_layout(weights, type), bias, onednn::any_layout(dst, type));
  return {dnnl::inner_product_forward(description),
          description.impl_info_str(),
          {{DNNL_ARG_SRC, "src", onednn::plain(src), description.src_desc()},
           {DNNL_ARG_WEIGHTS, "weights", onednn::plain(weights), description.weights_desc()},
           {DNNL_ARG_BIAS, "bias", bias, bias},
           {DNNL_ARG_DST, "dst", onednn::plain(dst), description.dst_desc()}}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return onednn::prepare("inner product", setup, tensors,
                         [&](dnnl::memory::data_type type) { return plan(s, type); });
}

}  // namespace flopmeter::linear
