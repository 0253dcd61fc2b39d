#include "kernels/batchnorm/batchnorm.h"
#include "kernels/families/normalization/primitives.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::batchnorm {
namespace {

using dnnl::memory;
using dnnl::prop_kind;
using Forward = dnnl::batch_normalization_forward;
using Backward = dnnl::batch_normalization_backward;

dnnl::normalization_flags flags(const Shape& s) {
  const auto affine = normalization::affine_flags(s.affine != 0);
  return s.train != 0 ? affine : affine | dnnl::normalization_flags::use_global_stats;
}

memory::dims dims(const Shape& s) { return {s.mb, s.ic, s.id, s.ih, s.iw}; }

/// As a network made the source; else channels last, as oneDNN's convolutions like to leave them
/// whatever their number.
memory::desc wanted(const Shape& s, const onednn::Types& types) {
  return onednn::given_layout(types, "src", dims(s))
      .value_or(memory::desc(dims(s), types.src, memory::format_tag::ndhwc));
}

onednn::Argument data(int id, std::string_view operand, const Shape& s,
                      const memory::desc& wanted) {
  return {id, operand, onednn::plain(dims(s)), wanted};
}

onednn::Argument channels(int id, std::string_view operand, const Shape& s, bool present = true) {
  const memory::desc desc = onednn::bias_if(present, {s.ic});
  return {id, operand, desc, desc};
}

onednn::PrimitivePlan forward(const Shape& s, const onednn::Types& types) {
  const auto kind = s.train != 0 ? prop_kind::forward_training : prop_kind::forward_inference;
  const memory::desc tensor = wanted(s, types);
  const auto description = normalization::describe_forward<Forward>(kind, tensor, flags(s));
  const bool affine = s.affine != 0;
  return {description.impl_info_str(),
          {{Forward(description),
            {data(DNNL_ARG_SRC, "src", s, tensor), data(DNNL_ARG_DST, "dst", s, tensor),
             channels(DNNL_ARG_MEAN, "mean", s), channels(DNNL_ARG_VARIANCE, "variance", s),
             channels(DNNL_ARG_SCALE, "scale", s, affine),
             channels(DNNL_ARG_SHIFT, "shift", s, affine)}}}};
}

/// With a scale, oneDNN has no gradient of the source without those of the parameters, nor the
/// other way round. What it takes and writes beyond the operands lies in memory of its own: also
/// source and mean where the statistics are constants, which it then does not need.
onednn::PrimitivePlan backward(const Shape& s, const onednn::Types& types) {
  const bool affine = s.affine != 0;
  const memory::desc tensor = wanted(s, types);
  const auto description = normalization::describe_backward<Forward, Backward>(
      affine ? prop_kind::backward : prop_kind::backward_data, tensor, flags(s));
  return {description.impl_info_str(),
          {{Backward(description),
            {data(DNNL_ARG_DIFF_DST, "diff_dst", s, tensor), data(DNNL_ARG_SRC, "src", s, tensor),
             channels(DNNL_ARG_MEAN, "mean", s), channels(DNNL_ARG_VARIANCE, "variance", s),
             channels(DNNL_ARG_SCALE, "scale", s, affine),
             channels(DNNL_ARG_SHIFT, "shift", s, affine && onednn::takes_shift(description)),
             data(DNNL_ARG_DIFF_SRC, "diff_src", s, tensor),
             channels(DNNL_ARG_DIFF_SCALE, "diff_scale", s, affine),
             channels(DNNL_ARG_DIFF_SHIFT, "diff_shift", s, affine)}}},
          {},
          affine ? onednn::both_gradients : std::vector<Pass>{}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (setup.pass == Pass::backward_weights && s.affine == 0) {
    return Unavailable{"without scale and shift there are no gradients of parameters"};
  }
  return onednn::prepare("batch normalisation", setup, tensors, [&](const onednn::Types& types) {
    return setup.pass == Pass::forward ? forward(s, types) : backward(s, types);
  });
}

}  // namespace flopmeter::batchnorm
