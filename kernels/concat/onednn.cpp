#include "kernels/concat/concat.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::concat {
namespace {

onednn::PrimitivePlan plan(const Shape& s, const onednn::Types& types) {
  const dnnl::memory::dims a{s.mb, s.a};
  const dnnl::memory::dims b{s.mb, s.b};
  const dnnl::memory::dims dst{s.mb, s.a + s.b};
  const auto as_type = [&](const dnnl::memory::dims& dims) {
    return onednn::row_major(dims, types.src);
  };
  const auto description = onednn::describe_concat(1, {as_type(a), as_type(b)});
  return {description.impl_info_str(),
          {{dnnl::concat(description),
            {{DNNL_ARG_MULTIPLE_SRC, "src0", onednn::plain(a), as_type(a)},
             {DNNL_ARG_MULTIPLE_SRC + 1, "src1", onednn::plain(b), as_type(b)},
             {DNNL_ARG_DST, "dst", onednn::plain(dst), description.dst_desc()}}}}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN has no backward pass of a concatenation"};
  }
  return onednn::prepare("concatenation", setup, tensors,
                         [&](const onednn::Types& types) { return plan(s, types); });
}

}  // namespace flopmeter::concat
