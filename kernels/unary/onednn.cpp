// oneDNN's eltwise primitive, and what it calls each function.
#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/unary/unary.h"

namespace flopmeter::unary {
namespace {

/// What oneDNN calls a function, with the parameters that it has there.
struct Algorithm {
  std::string_view name;
  dnnl::algorithm kind;
  float alpha = 0;
  float beta = 0;
};

using enum dnnl::algorithm;

/// Only what both oneDNN 2.6 and 3 have. The gradients of those that read y are asked for as such.
constexpr std::array algorithms{
    Algorithm{"relu", eltwise_relu},
    Algorithm{"relu6", eltwise_clip_v2, 0, 6},
    Algorithm{"leaky_relu", eltwise_relu, 0.01F},
    Algorithm{"elu", eltwise_elu, 1},
    Algorithm{"gelu_erf", eltwise_gelu_erf},
    Algorithm{"gelu_tanh", eltwise_gelu_tanh},
    Algorithm{"quick_gelu", eltwise_swish, 1.702F},
    Algorithm{"silu", eltwise_swish, 1},
    Algorithm{"mish", eltwise_mish},
    Algorithm{"sigmoid", eltwise_logistic_use_dst_for_bwd},
    Algorithm{"hardswish", eltwise_hardswish, 1.0F / 6, 0.5F},
    Algorithm{"hardtanh", eltwise_clip_v2, -1, 1},
    Algorithm{"clip", eltwise_clip_v2, -0.5F, 0.5F},
    Algorithm{"tanh", eltwise_tanh_use_dst_for_bwd},
    Algorithm{"softplus", eltwise_soft_relu, 1},
    Algorithm{"abs", eltwise_abs},
    Algorithm{"reciprocal", eltwise_pow, 1, -1},
    Algorithm{"square", eltwise_square},
    Algorithm{"cube", eltwise_pow, 1, 3},
    Algorithm{"sqrt", eltwise_sqrt_use_dst_for_bwd},
    Algorithm{"rsqrt", eltwise_pow, 1, -0.5F},
    Algorithm{"exp", eltwise_exp_use_dst_for_bwd},
    Algorithm{"log", eltwise_log},
    Algorithm{"affine", eltwise_linear, 0.5F, 0.25F},
    Algorithm{"round", eltwise_round},
};

/// Any layout will do, so the one in which the source was made.
onednn::PrimitivePlan forward(std::int64_t n, const Algorithm& a, const onednn::Types& types) {
  const auto [data, plain] =
      onednn::given_layout(types, "src")
          .value_or(onednn::Given{onednn::row_major({n}, types.src), onednn::plain({n})});
  const auto description =
      onednn::describe_eltwise(dnnl::prop_kind::forward_inference, a.kind, data, a.alpha, a.beta);
  return {description.impl_info_str(),
          {{dnnl::eltwise_forward(description),
            {{DNNL_ARG_SRC, "src", plain, data}, {DNNL_ARG_DST, "dst", plain, data}}}}};
}

onednn::PrimitivePlan backward(std::int64_t n, const Algorithm& a, const Row& row,
                               const onednn::Types& types) {
  const dnnl::memory::desc plain = onednn::plain({n});
  const dnnl::memory::desc data = onednn::row_major({n}, types.src);
  const auto description = onednn::describe_eltwise_backward(a.kind, data, a.alpha, a.beta);
  return {
      description.impl_info_str(),
      {{dnnl::eltwise_backward(description),
        {{row.reads == Reads::x ? DNNL_ARG_SRC : DNNL_ARG_DST, Table::read_by(row), plain, data},
         {DNNL_ARG_DIFF_DST, "diff_dst", plain, data},
         {DNNL_ARG_DIFF_SRC, "diff_src", plain, data}}}}};
}

}  // namespace

Preparation prepare_onednn(const Row& row, const Values& v, const Setup& setup,
                           Tensors<float>& tensors) {
  const auto* const algorithm = std::ranges::find(algorithms, row.name, &Algorithm::name);
  if (algorithm == algorithms.end()) {
    return Unavailable{fmt::format("oneDNN has no algorithm for {}", row.name)};
  }
  if (algorithm->kind == eltwise_pow && setup.pass != Pass::forward) {
    return Unavailable{"oneDNN's gradient of a power reads x, this layer's y"};
  }
  if (algorithm->kind == eltwise_round && setup.dtype != Dtype::f32) {
    return Unavailable{"oneDNN rounds f32 alone"};
  }
  const std::int64_t n = Table::elements_of(v);
  return onednn::prepare(row.name, setup, tensors, [&](const onednn::Types& types) {
    return setup.pass == Pass::forward ? forward(n, *algorithm, types)
                                       : backward(n, *algorithm, row, types);
  });
}

}  // namespace flopmeter::unary
