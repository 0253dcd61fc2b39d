#include "kernels/families/softmax_rows/onednn.h"

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::softmax_rows {
namespace {

constexpr int axis = 1;

onednn::PrimitivePlan forward(const Shape& s, dnnl::algorithm algorithm,
                              const onednn::Types& types) {
  const dnnl::memory::desc plain = onednn::plain({s.mb, s.c});
  const dnnl::memory::desc data = onednn::row_major({s.mb, s.c}, types.src);
  const auto description = onednn::describe<onednn::SoftmaxForward>(
      dnnl::prop_kind::forward_inference, algorithm, data, data, axis);
  return {description.impl_info_str(),
          {{onednn::SoftmaxForward(description),
            {{DNNL_ARG_SRC, "src", plain, data}, {DNNL_ARG_DST, "dst", plain, data}}}}};
}

onednn::PrimitivePlan backward(const Shape& s, dnnl::algorithm algorithm,
                               const onednn::Types& types) {
  const dnnl::memory::desc plain = onednn::plain({s.mb, s.c});
  const dnnl::memory::desc data = onednn::row_major({s.mb, s.c}, types.src);
  const auto hint = onednn::describe<onednn::SoftmaxForward>(dnnl::prop_kind::forward_training,
                                                             algorithm, data, data, axis);
  const auto description =
      onednn::describe_backward<onednn::SoftmaxBackward>(hint, algorithm, data, data, data, axis);
  return {description.impl_info_str(),
          {{onednn::SoftmaxBackward(description),
            {{DNNL_ARG_DST, "dst", plain, data},
             {DNNL_ARG_DIFF_DST, "diff_dst", plain, data},
             {DNNL_ARG_DIFF_SRC, "diff_src", plain, data}}}}};
}

}  // namespace

Preparation prepare_onednn(std::string_view name, dnnl::algorithm algorithm, const Shape& s,
                           const Setup& setup, Tensors<float>& tensors) {
  return onednn::prepare(name, setup, tensors, [&](const onednn::Types& types) {
    return setup.pass == Pass::forward ? forward(s, algorithm, types)
                                       : backward(s, algorithm, types);
  });
}

}  // namespace flopmeter::softmax_rows
