// Plans of convolutions and of transposed ones, whose primitives take the same arguments. Only
// onednn.cpp files include this.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "kernels/families/conv/layer.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::conv {

using dnnl::memory;

/// Of weights, with groups as a dimension of their own before the channels where there are any, as
/// oneDNN has it.
memory::dims grouped_dims(const Kind&, const Shape&, std::int64_t first, std::int64_t second);

/// Everything that the primitives are told. `weights` are as they lie in Tensors, in the order of
/// dimensions that oneDNN has.
struct Arguments {
  Shape convolution;
  memory::dims src, dst;
  memory::desc weights, bias;
  memory::dims strides, gaps, pad_before, pad_after;
  std::int64_t channel_block = 0;  // of the layout of src and dst; 0: as oneDNN likes it

  /// `mirror_or_self` is the convolution whose padding oneDNN is told.
  Arguments(const Kind&, const Shape&, const Shape& mirror_or_self, const memory::desc& weights);
};

/// What oneDNN computes wrong, and so is not asked for.
std::optional<Unavailable> known_wrong(const Shape& convolution, const Setup&);

bool is_strided(const Shape&);

/// Where oneDNN chooses the layout, it also tries brgemm's kernels of one tap, and to choose blocks for these
/// divides by how many there are of a kind: for these input and output channels of a group there are none.
using Channels = std::pair<std::int64_t, std::int64_t>;
bool divides_by_zero(const Shape&, Channels);
inline constexpr std::string_view divided_by_zero =
    "oneDNN divides by 0 in describing a convolution of one tap by these channels (seen in 3.7.2)";

/// src or dst with channels in blocks of 8 or 16, which brgemm's kernels do not take.
memory::desc in_blocks(const memory::dims&, memory::data_type, std::int64_t block);

/// The primitives of one operation in all passes. Family: their types, and the algorithm.
template <class Family>
class Planner {
 public:
  Planner(Arguments arguments, const onednn::Types& types)
      : a_(std::move(arguments)),
        types_(types),
        src_(layout(a_.src, types.src)),
        weights_(onednn::any_layout(onednn::dims_of(a_.weights), types.weights)),
        dst_(layout(a_.dst, types.dst)) {}

  onednn::PrimitivePlan plan(Pass pass) const {
    switch (pass) {
      case Pass::backward_data:
        return backward_data();
      case Pass::backward_weights:
        return backward_weights();
      case Pass::forward:
        break;
    }
    return forward();
  }

 private:
  using Forward = typename Family::Forward;
  using BackwardData = typename Family::BackwardData;
  using BackwardWeights = typename Family::BackwardWeights;

  memory::desc layout(const memory::dims& dims, memory::data_type type) const {
    return a_.channel_block > 0 ? in_blocks(dims, type, a_.channel_block)
                                : onednn::any_layout(dims, type);
  }

  typename Forward::primitive_desc describe(dnnl::prop_kind kind) const {
    return onednn::describe_with<Forward>(types_.attributes, kind, Family::algorithm, src_,
                                          weights_, a_.bias, dst_, a_.strides, a_.gaps,
                                          a_.pad_before, a_.pad_after);
  }

  onednn::PrimitivePlan forward() const {
    const auto description = describe(dnnl::prop_kind::forward_inference);
    return {description.impl_info_str(),
            {{Forward(description),
              {{DNNL_ARG_SRC, "src", onednn::plain(a_.src), description.src_desc()},
               {DNNL_ARG_WEIGHTS, "weights", a_.weights, description.weights_desc()},
               {DNNL_ARG_BIAS, "bias", a_.bias, a_.bias},
               {DNNL_ARG_DST, "dst", onednn::plain(a_.dst), description.dst_desc()}}}}};
  }

  onednn::PrimitivePlan backward_data() const {
    const auto description = onednn::describe_backward<BackwardData>(
        describe(dnnl::prop_kind::forward_training), Family::algorithm, src_, weights_, dst_,
        a_.strides, a_.gaps, a_.pad_before, a_.pad_after);
    return {
        description.impl_info_str(),
        {{BackwardData(description),
          {{DNNL_ARG_DIFF_DST, "diff_dst", onednn::plain(a_.dst), description.diff_dst_desc()},
           {DNNL_ARG_WEIGHTS, "weights", a_.weights, description.weights_desc()},
           {DNNL_ARG_DIFF_SRC, "diff_src", onednn::plain(a_.src), description.diff_src_desc()}}}}};
  }

  /// The gradients of parameters are f32, as the parameters that an optimiser keeps.
  onednn::PrimitivePlan backward_weights() const {
    const auto description = onednn::describe_backward<BackwardWeights>(
        describe(dnnl::prop_kind::forward_training), Family::algorithm, src_,
        onednn::any_layout(onednn::dims_of(a_.weights), memory::data_type::f32), a_.bias, dst_,
        a_.strides, a_.gaps, a_.pad_before, a_.pad_after);
    return {description.impl_info_str(),
            {{BackwardWeights(description),
              {{DNNL_ARG_SRC, "src", onednn::plain(a_.src), description.src_desc()},
               {DNNL_ARG_DIFF_DST, "diff_dst", onednn::plain(a_.dst), description.diff_dst_desc()},
               {DNNL_ARG_DIFF_WEIGHTS, "diff_weights", a_.weights, description.diff_weights_desc()},
               {DNNL_ARG_DIFF_BIAS, "diff_bias", a_.bias, a_.bias}}}}};
  }

  Arguments a_;
  onednn::Types types_;
  memory::desc src_, weights_, dst_;
};

template <class Family>
Preparation prepare_family(std::string_view operation, const Arguments& arguments,
                           const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = known_wrong(arguments.convolution, setup)) {
    return *reason;
  }
  for (std::size_t i = 0; i < arguments.strides.size(); ++i) {
    if (arguments.pad_after[i] + arguments.strides[i] <= 0) {
      return Unavailable{
          fmt::format("oneDNN's {} adds less than a stride to the output", operation)};
    }
  }
  return onednn::prepare(
      operation, setup, tensors,
      [&](const onednn::Types& types) {
        return Planner<Family>(arguments, types).plan(setup.pass);
      },
      onednn::Integers::yes);
}

}  // namespace flopmeter::conv
