// How a primitive is described. oneDNN 2 wants an operation descriptor first and scales fixed with
// the primitive, oneDNN 3 wants neither: this is the only place that knows what differs.
#pragma once

#include <algorithm>
#include <numeric>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/onednn/version.h"

namespace flopmeter::onednn {

/// The CPU.
const dnnl::engine& engine();

/// The primitive descriptor for the arguments of oneDNN 2's operation descriptor, which are those
/// of oneDNN 3's primitive descriptor between the engine and the attributes. Throws dnnl::error.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe_on(const dnnl::engine& on,
                                               const dnnl::primitive_attr& attributes,
                                               const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(on, arguments..., attributes);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), attributes, on);
#endif
}

template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe_with(const dnnl::primitive_attr& attributes,
                                                 const Arguments&... arguments) {
  return describe_on<Primitive>(engine(), attributes, arguments...);
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

/// A normalisation of one tensor; `further` stands behind it.
template <class Forward, class... Further>
typename Forward::primitive_desc describe_normalization(dnnl::prop_kind kind,
                                                        const dnnl::memory::desc& data,
                                                        const Further&... further) {
#if DNNL_VERSION_MAJOR >= 3
  return describe<Forward>(kind, data, data, further...);
#else
  return describe<Forward>(kind, data, further...);
#endif
}

template <class Backward, class Hint, class... Further>
typename Backward::primitive_desc describe_normalization_backward(const Hint& forward,
                                                                  dnnl::prop_kind kind,
                                                                  const dnnl::memory::desc& data,
                                                                  const Further&... further) {
#if DNNL_VERSION_MAJOR >= 3
  return describe_backward<Backward>(forward, kind, data, data, data, further...);
#else
  return describe_backward<Backward>(forward, kind, data, data, further...);
#endif
}

/// Whether the backward primitive of a normalisation with scale and shift takes the shift, on which
/// nothing depends. It executes with just the tensors that it counts: source, mean, variance,
/// gradient and scale, and in some versions (2.6 all, 3.7 of layers) the shift.
inline bool takes_shift(const dnnl::primitive_desc_base& backward) {
  return dnnl_primitive_desc_query_s32(backward.get(), dnnl_query_num_of_inputs_s32, 0) > 5;
}

// oneDNN 2 has windows with gaps, and softmax with a destination, in second primitives.
#if DNNL_VERSION_MAJOR >= 3
using PoolingForward = dnnl::pooling_forward;
using PoolingBackward = dnnl::pooling_backward;
using SoftmaxForward = dnnl::softmax_forward;
using SoftmaxBackward = dnnl::softmax_backward;
#else
using PoolingForward = dnnl::pooling_v2_forward;
using PoolingBackward = dnnl::pooling_v2_backward;
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

/// The same bytes in other dimensions, where the layout can be said of them.
inline std::optional<dnnl::memory::desc> reshaped(const dnnl::memory::desc& desc,
                                                  const dnnl::memory::dims& dims) {
  const dnnl::memory::desc result = desc.reshape(dims, true);
#if DNNL_VERSION_MAJOR >= 3
  const bool found = static_cast<bool>(result);
#else
  const bool found = !result.is_zero();
#endif
  return found ? std::optional(result) : std::nullopt;
}

/// Whether the layout is one of strides and blocks, and not an affair of oneDNN's own.
inline bool is_blocked(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_format_kind() == dnnl::memory::format_kind::blocked;
#else
  return desc.data.format_kind == dnnl_blocked;
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

/// Whether a reorder packs weights of a recurrent layer into it, as for GEMM; oneDNN 3 says no more
/// than that a layout is its own affair.
inline bool packed_for_rnn(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_format_kind() == dnnl::memory::format_kind::opaque;
#else
  return desc.data.format_kind == dnnl_format_kind_rnn_packed;
#endif
}

/// An instruction set that oneDNN may be held to, as DNNL_MAX_CPU_ISA and dnnl_get_effective_cpu_isa
/// name it.
struct Isa {
  std::string_view name;
  unsigned value;
};

inline constexpr Isa isas[] = {
    {"sse41", dnnl_cpu_isa_sse41},
    {"avx", dnnl_cpu_isa_avx},
    {"avx2", dnnl_cpu_isa_avx2},
    {"avx2_vnni", dnnl_cpu_isa_avx2_vnni},
#if DNNL_VERSION_MAJOR >= 3
    {"avx2_vnni_2", dnnl_cpu_isa_avx2_vnni_2},
#endif
    {"avx512_core", dnnl_cpu_isa_avx512_core},
    {"avx512_core_vnni", dnnl_cpu_isa_avx512_core_vnni},
    {"avx512_core_bf16", dnnl_cpu_isa_avx512_core_bf16},
#if DNNL_VERSION_MAJOR >= 3
    {"avx512_core_fp16", dnnl_cpu_isa_avx512_core_fp16},
#endif
    {"avx512_core_amx", dnnl_cpu_isa_avx512_core_amx},
#if DNNL_VERSION_MAJOR >= 3
    {"avx512_core_amx_fp16", dnnl_cpu_isa_avx512_core_amx_fp16},
#endif
};

}  // namespace flopmeter::onednn
