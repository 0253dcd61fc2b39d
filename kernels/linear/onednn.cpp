#include "kernels/matmul/onednn.h"

#include "kernels/linear/linear.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::linear {
namespace {

using dnnl::memory;

struct Dims {
  memory::dims src, weights, bias, dst;

  explicit Dims(const Shape& s)
      : src{s.mb, s.features()}, weights{s.oc, s.features()}, bias{s.oc}, dst{s.mb, s.oc} {}
};

dnnl::inner_product_forward::primitive_desc inner_product(const Shape& s, dnnl::prop_kind kind,
                                                          const onednn::Types& types) {
  const Dims dims(s);
  return onednn::describe_with<dnnl::inner_product_forward>(
      types.attributes, kind, onednn::any_layout(dims.src, types.src),
      onednn::any_layout(dims.weights, types.weights), onednn::bias_if(s.bias != 0, dims.bias),
      onednn::any_layout(dims.dst, types.dst));
}

/// Shapes of which inner product divides the rows badly among threads: it does so in blocks of 64, and those
/// of more outputs than inputs it takes row block by row block. On two cores of an EPYC with AVX-512 its rate is
/// 0.65 to 0.96 of matmul's for these, of others 0.95 to 1.28 (docs/networks.md); on one thread both are equal.
bool divided_badly(const Shape& s) {
  constexpr std::int64_t block = 64;
  const std::int64_t tail = s.mb % block;
  return s.mb >= 16 &&
         (s.oc >= 2 * s.features() || (s.mb > block && tail > 0 && tail <= block / 4));
}

onednn::PrimitivePlan forward(const Shape& s, const onednn::Types& types) {
  const Dims dims(s);
  const auto description = inner_product(s, dnnl::prop_kind::forward_inference, types);
  const memory::desc bias = onednn::bias_if(s.bias != 0, dims.bias);
  return {description.impl_info_str(),
          {{dnnl::inner_product_forward(description),
            {{DNNL_ARG_SRC, "src", onednn::plain(dims.src), description.src_desc()},
             {DNNL_ARG_WEIGHTS, "weights", onednn::plain(dims.weights), description.weights_desc()},
             {DNNL_ARG_BIAS, "bias", bias, bias},
             {DNNL_ARG_DST, "dst", onednn::plain(dims.dst), description.dst_desc()}}}}};
}

onednn::PrimitivePlan backward_data(const Shape& s, const onednn::Types& types) {
  const Dims dims(s);
  const auto description = onednn::describe_backward<dnnl::inner_product_backward_data>(
      inner_product(s, dnnl::prop_kind::forward_training, types),
      onednn::any_layout(dims.src, types.src), onednn::any_layout(dims.weights, types.weights),
      onednn::any_layout(dims.dst, types.dst));
  return {
      description.impl_info_str(),
      {{dnnl::inner_product_backward_data(description),
        {{DNNL_ARG_DIFF_DST, "diff_dst", onednn::plain(dims.dst), description.diff_dst_desc()},
         {DNNL_ARG_WEIGHTS, "weights", onednn::plain(dims.weights), description.weights_desc()},
         {DNNL_ARG_DIFF_SRC, "diff_src", onednn::plain(dims.src), description.diff_src_desc()}}}}};
}

/// The gradients of parameters are f32, as the parameters that an optimiser keeps.
onednn::PrimitivePlan backward_weights(const Shape& s, const onednn::Types& types) {
  const Dims dims(s);
  const memory::desc bias = onednn::bias_if(s.bias != 0, dims.bias);
  const auto description = onednn::describe_backward<dnnl::inner_product_backward_weights>(
      inner_product(s, dnnl::prop_kind::forward_training, types),
      onednn::any_layout(dims.src, types.src),
      onednn::any_layout(dims.weights, memory::data_type::f32), bias,
      onednn::any_layout(dims.dst, types.dst));
  return {description.impl_info_str(),
          {{dnnl::inner_product_backward_weights(description),
            {{DNNL_ARG_SRC, "src", onednn::plain(dims.src), description.src_desc()},
             {DNNL_ARG_DIFF_DST, "diff_dst", onednn::plain(dims.dst), description.diff_dst_desc()},
             {DNNL_ARG_DIFF_WEIGHTS, "diff_weights", onednn::plain(dims.weights),
              description.diff_weights_desc()},
             {DNNL_ARG_DIFF_BIAS, "diff_bias", bias, bias}}}}};
}

onednn::PrimitivePlan plan(const Shape& s, const Setup& setup, const onednn::Types& types) {
  switch (setup.pass) {
    case Pass::backward_data:
      return backward_data(s, types);
    case Pass::backward_weights:
      return backward_weights(s, types);
    case Pass::forward:
      break;
  }
  if (setup.dtype == Dtype::f32 && setup.threads > 1 && divided_badly(s)) {
    onednn::PrimitivePlan product = matmul::forward_plan({.ba = 1,
                                                          .bb = 1,
                                                          .m = s.mb,
                                                          .k = s.features(),
                                                          .n = s.oc,
                                                          .ta = 0,
                                                          .tb = 1,
                                                          .bias = s.bias},
                                                         types);
    // Else oneDNN has no blocked kernel for it.
    if (product.implementation.starts_with("brg")) {
      return product;
    }
  }
  return forward(s, types);
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return onednn::prepare(
      "inner product", setup, tensors,
      [&](const onednn::Types& types) { return plan(s, setup, types); }, onednn::Integers::yes);
}

}  // namespace flopmeter::linear
