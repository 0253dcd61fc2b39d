#include "kernels/families/eltwise/onednn.h"

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::eltwise {
namespace {

/// Any layout will do, so the one in which the source was made.
onednn::Plan forward(const Shape& s, const Algorithm& a, const onednn::Types& types) {
  const auto [data, plain] =
      onednn::given_layout(types, "src")
          .value_or(onednn::Given{onednn::row_major({s.elements()}, types.src),
                                  onednn::plain({s.elements()})});
  const auto description =
      onednn::describe_eltwise(dnnl::prop_kind::forward_inference, a.kind, data, a.alpha, a.beta);
  return {description.impl_info_str(),
          {{dnnl::eltwise_forward(description),
            {{DNNL_ARG_SRC, "src", plain, data}, {DNNL_ARG_DST, "dst", plain, data}}}}};
}

onednn::Plan backward(const Shape& s, const Algorithm& a, std::string_view reads,
                      const onednn::Types& types) {
  const dnnl::memory::desc plain = onednn::plain({s.elements()});
  const dnnl::memory::desc data = onednn::row_major({s.elements()}, types.src);
  const auto description = onednn::describe_eltwise_backward(a.kind, data, a.alpha, a.beta);
  return {description.impl_info_str(),
          {{dnnl::eltwise_backward(description),
            {{reads == "src" ? DNNL_ARG_SRC : DNNL_ARG_DST, reads, plain, data},
             {DNNL_ARG_DIFF_DST, "diff_dst", plain, data},
             {DNNL_ARG_DIFF_SRC, "diff_src", plain, data}}}}};
}

}  // namespace

Preparation prepare_onednn(std::string_view name, const Algorithm& algorithm,
                           std::string_view reads, const Shape& s, const Setup& setup,
                           Tensors<float>& tensors) {
  return onednn::prepare(name, setup, tensors, [&](const onednn::Types& types) {
    return setup.pass == Pass::forward ? forward(s, algorithm, types)
                                       : backward(s, algorithm, reads, types);
  });
}

}  // namespace flopmeter::eltwise
