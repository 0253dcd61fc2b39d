#include "kernels/families/pooling/onednn.h"

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::pooling {
namespace {

using dnnl::memory;

using Forward = onednn::PoolingForward;
using Backward = onednn::PoolingBackward;

memory::dims dims_of(const Shape& s, std::int64_t Axis::*side) {
  const Space<std::int64_t> values = lengths(s.axes(), side);
  return {values.begin(), values.end()};
}

/// Channels last: the layout that oneDNN has vectorised kernels for whatever their number.
memory::desc wanted(const memory::dims& dims, memory::data_type type) {
  return {dims, type, memory::format_tag::ndhwc};
}

struct Pool {
  memory::desc src, dst;
  memory::dims strides, kernel, gaps, before, after;
  dnnl::algorithm algorithm;

  /// In the layout in which a network made the source, if it did.
  Pool(const Shape& s, dnnl::algorithm a, const onednn::Types& types)
      : src(wanted(src_dims(s), types.src)),
        dst(wanted(dst_dims(s), types.src)),
        strides(dims_of(s, &Axis::stride)),
        kernel(dims_of(s, &Axis::kernel)),
        before(dims_of(s, &Axis::pad)),
        algorithm(a) {
    for (const Axis& axis : s.axes()) {
      // A single tap has none, whatever the shape says; oneDNN holds it against the input all the same.
      gaps.push_back(axis.kernel > 1 ? axis.gap : 0);
      after.push_back(axis.pad_after());
    }
    if (const auto given = onednn::given_layout(types, "src", src_dims(s))) {
      src = *given;
      dst = onednn::any_layout(dst_dims(s), types.src);
    }
  }

  Forward::primitive_desc forward(dnnl::prop_kind kind) const {
    return onednn::describe<Forward>(kind, algorithm, src, dst, strides, kernel, gaps, before,
                                     after);
  }
  Backward::primitive_desc backward() const {
    return onednn::describe_backward<Backward>(forward(dnnl::prop_kind::forward_training),
                                               algorithm, src, dst, strides, kernel, gaps, before,
                                               after);
  }
};

onednn::PrimitivePlan forward(const Shape& s, const Pool& pool) {
  const auto description = pool.forward(dnnl::prop_kind::forward_inference);
  return {description.impl_info_str(),
          {{Forward(description),
            {{DNNL_ARG_SRC, "src", onednn::plain(src_dims(s)), description.src_desc()},
             {DNNL_ARG_DST, "dst", onednn::plain(dst_dims(s)), description.dst_desc()}}}}};
}

/// oneDNN's workspace of max pooling is what argmax is, in the layout of dst and as integers: the
/// number of the tap in its window.
onednn::PrimitivePlan backward(const Shape& s, const Pool& pool) {
  const auto description = pool.backward();
  return {
      description.impl_info_str(),
      {{Backward(description),
        {{DNNL_ARG_DIFF_DST, "diff_dst", onednn::plain(dst_dims(s)), description.diff_dst_desc()},
         {DNNL_ARG_WORKSPACE, "argmax", onednn::plain(dst_dims(s)), description.workspace_desc()},
         {DNNL_ARG_DIFF_SRC, "diff_src", onednn::plain(src_dims(s)),
          description.diff_src_desc()}}}}};
}

}  // namespace

Preparation prepare_sliding(const Shape& s, dnnl::algorithm algorithm, const Setup& setup,
                            Tensors<float>& tensors) {
  return onednn::prepare("pooling", setup, tensors, [&](const onednn::Types& types) {
    const Pool pool(s, algorithm, types);
    return setup.pass == Pass::forward ? forward(s, pool) : backward(s, pool);
  });
}

}  // namespace flopmeter::pooling
