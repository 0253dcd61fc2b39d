// How a primitive is described. oneDNN 2 wants an operation descriptor first and scales fixed with
// the primitive, oneDNN 3 wants neither: this is the only place that knows.
#pragma once

#include <algorithm>
#include <numeric>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>
#include <vector>

namespace flopmeter::onednn {

/// The CPU.
const dnnl::engine& engine();

/// The primitive descriptor for the arguments of oneDNN 2's operation descriptor, which are those
/// of oneDNN 3's primitive descriptor between the engine and the attributes. Throws dnnl::error.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe_with(const dnnl::primitive_attr& attributes,
                                                 const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), arguments..., attributes);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), attributes,
                                            engine());
#endif
}

template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const Arguments&... arguments) {
  return describe_with<Primitive>(dnnl::primitive_attr(), arguments...);
}

/// The same for a backward primitive, with the forward one as its hint.
template <class Primitive, class Forward, class... Arguments>
typename Primitive::primitive_desc describe_backward(const Forward& forward,
                                                     const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(engine(), arguments..., forward);
#else
  return
      typename Primitive::primitive_desc(typename Primitive::desc(arguments...), engine(), forward);
#endif
}

/// An activation of one tensor: oneDNN 3 wants source and destination described each for itself.
inline dnnl::eltwise_forward::primitive_desc describe_eltwise(dnnl::prop_kind kind,
                                                              dnnl::algorithm algorithm,
                                                              const dnnl::memory::desc& data,
                                                              float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  return describe<dnnl::eltwise_forward>(kind, algorithm, data, data, alpha, beta);
#else
  return describe<dnnl::eltwise_forward>(kind, algorithm, data, alpha, beta);
#endif
}

inline dnnl::eltwise_backward::primitive_desc describe_eltwise_backward(
    dnnl::algorithm algorithm, const dnnl::memory::desc& data, float alpha, float beta) {
  const auto forward =
      describe_eltwise(dnnl::prop_kind::forward_training, algorithm, data, alpha, beta);
#if DNNL_VERSION_MAJOR >= 3
  return describe_backward<dnnl::eltwise_backward>(forward, algorithm, data, data, data, alpha,
                                                   beta);
#else
  return describe_backward<dnnl::eltwise_backward>(forward, algorithm, data, data, alpha, beta);
#endif
}

#if DNNL_VERSION_MAJOR >= 3
using SoftmaxForward = dnnl::softmax_forward;
using SoftmaxBackward = dnnl::softmax_backward;
#else
using SoftmaxForward = dnnl::softmax_v2_forward;
using SoftmaxBackward = dnnl::softmax_v2_backward;
#endif

/// Tensors put behind each other along an axis.
inline dnnl::concat::primitive_desc describe_concat(int axis,
                                                    const std::vector<dnnl::memory::desc>& parts) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine(), axis, parts};
#else
  return {axis, parts, engine()};
#endif
}

/// The result of a primitive times a constant.
inline void append_scaling(dnnl::post_ops& after, float factor) {
#if DNNL_VERSION_MAJOR >= 3
  after.append_eltwise(dnnl::algorithm::eltwise_linear, factor, 0);
#else
  after.append_eltwise(1, dnnl::algorithm::eltwise_linear, factor, 0);
#endif
}

inline dnnl::memory::data_type type_of(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_data_type();
#else
  return desc.data_type();
#endif
}

inline dnnl::memory::dims dims_of(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_dims();
#else
  return desc.dims();
#endif
}

/// Strides between blocks, and the blocks inside with the dimension that each divides.
struct Blocking {
  dnnl::memory::dims strides, blocks, dimensions;
};

inline Blocking blocking_of(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return {desc.get_strides(), desc.get_inner_blks(), desc.get_inner_idxs()};
#else
  const auto& b = desc.data.format_desc.blocking;
  return {{b.strides, b.strides + desc.data.ndims},
          {b.inner_blks, b.inner_blks + b.inner_nblks},
          {b.inner_idxs, b.inner_idxs + b.inner_nblks}};
#endif
}

/// As oneDNN writes layouts, "aBcd16b": dimensions from the outermost to the innermost, those that
/// are divided into blocks in capitals, then the blocks.
inline std::string layout_name(const dnnl::memory::desc& desc) {
  const Blocking b = blocking_of(desc);
  std::vector<std::size_t> order(b.strides.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return b.strides[i]; });
  std::string name;
  for (const std::size_t i : order) {
    const bool divided =
        std::ranges::find(b.dimensions, static_cast<dnnl::memory::dim>(i)) != b.dimensions.end();
    name += static_cast<char>((divided ? 'A' : 'a') + static_cast<int>(i));
  }
  for (std::size_t i = 0; i < b.blocks.size(); ++i) {
    name += std::to_string(b.blocks[i]) + static_cast<char>('a' + b.dimensions[i]);
  }
  return name;
}

/// Whether a reorder packs weights for recurrent layers into it, as for GEMM.
inline bool packed_for_rnn(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_format_kind() == dnnl::memory::format_kind::rnn_packed;
#else
  return desc.data.format_kind == dnnl_format_kind_rnn_packed;
#endif
}

/// How 8-bit integers stand for real numbers, one step each for source and weights: the attributes
/// of the primitive, the unit of its bias, and further arguments of its execution.
struct Quantization {
  dnnl::primitive_attr attributes;
  float bias_unit;
  std::vector<std::pair<int, float>> scales;  // argument, value
};

inline Quantization quantization(float src_step, float weights_step) {
  Quantization result;
#if DNNL_VERSION_MAJOR >= 3
  result.attributes.set_scales_mask(DNNL_ARG_SRC, 0);
  result.attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 0);
  result.bias_unit = 1;
  result.scales = {{DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, src_step},
                   {DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, weights_step}};
#else
  result.attributes.set_output_scales(0, {src_step * weights_step});
  result.bias_unit = src_step * weights_step;  // it is added before the sum is scaled
#endif
  return result;
}

}  // namespace flopmeter::onednn
