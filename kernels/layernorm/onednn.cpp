#include "kernels/families/normalization/primitives.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/network/slot.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::layernorm {
namespace {

using dnnl::memory;
using dnnl::prop_kind;
using Forward = dnnl::layer_normalization_forward;
using Backward = dnnl::layer_normalization_backward;

onednn::Argument data(int id, std::string_view operand, const Shape& s,
                      const onednn::Types& types) {
  return {id, operand, onednn::plain({s.mb, s.c}), onednn::row_major({s.mb, s.c}, types.src)};
}

onednn::Argument vector(int id, std::string_view operand, std::int64_t length,
                        bool present = true) {
  const memory::desc desc = onednn::bias_if(present, {length});
  return {id, operand, desc, desc};
}

/// A network's node may add something else to the variance than the layer does.
float epsilon_of(const onednn::Types& types) {
  for (const auto& entry : types.tensors->entries()) {
    if (entry.name == "dst" && entry.slot != nullptr && entry.slot->after.size() == 1 &&
        entry.slot->after.front().layer == "epsilon") {
      entry.slot->does_after = true;
      return entry.slot->after.front().alpha;
    }
  }
  return normalization::eps;
}

onednn::PrimitivePlan forward(const Shape& s, const onednn::Types& types) {
  const bool affine = s.affine != 0;
  const auto description = onednn::describe_normalization<Forward>(
      prop_kind::forward_inference, onednn::row_major({s.mb, s.c}, types.src), epsilon_of(types),
      normalization::affine_flags(affine));
  return {description.impl_info_str(),
          {{Forward(description),
            {data(DNNL_ARG_SRC, "src", s, types), data(DNNL_ARG_DST, "dst", s, types),
             vector(DNNL_ARG_SCALE, "scale", s.c, affine),
             vector(DNNL_ARG_SHIFT, "shift", s.c, affine)}}}};
}

/// With a scale, oneDNN has no gradient of the source without those of the parameters, nor the
/// other way round. What it takes and writes beyond the operands lies in memory of its own.
onednn::PrimitivePlan backward(const Shape& s, const onednn::Types& types) {
  const bool affine = s.affine != 0;
  const auto description = normalization::describe_backward<Forward, Backward>(
      affine ? prop_kind::backward : prop_kind::backward_data,
      onednn::row_major({s.mb, s.c}, types.src), normalization::affine_flags(affine),
      onednn::plain({s.mb}));
  return {description.impl_info_str(),
          {{Backward(description),
            {data(DNNL_ARG_DIFF_DST, "diff_dst", s, types), data(DNNL_ARG_SRC, "src", s, types),
             vector(DNNL_ARG_MEAN, "mean", s.mb), vector(DNNL_ARG_VARIANCE, "variance", s.mb),
             vector(DNNL_ARG_SCALE, "scale", s.c, affine),
             vector(DNNL_ARG_SHIFT, "shift", s.c, affine && onednn::takes_shift(description)),
             data(DNNL_ARG_DIFF_SRC, "diff_src", s, types),
             vector(DNNL_ARG_DIFF_SCALE, "diff_scale", s.c, affine),
             vector(DNNL_ARG_DIFF_SHIFT, "diff_shift", s.c, affine)}}},
          {},
          affine ? onednn::both_gradients : std::vector<Pass>{}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (setup.pass == Pass::backward_weights && s.affine == 0) {
    return Unavailable{"without scale and shift there are no gradients of parameters"};
  }
  return onednn::prepare("layer normalisation", setup, tensors, [&](const onednn::Types& types) {
    return setup.pass == Pass::forward ? forward(s, types) : backward(s, types);
  });
}

}  // namespace flopmeter::layernorm
