// A group of channels of one sample is, to batch normalisation, a channel of a single sample.
// Scales and shifts belong to channels of the layer, and so are primitives of their own: what is
// between two primitives is seen as 1 x groups x size by one and mb x channels x plane by the
// other.
#include "kernels/families/normalization/onednn.h"

#include "kernels/families/normalization/primitives.h"
#include "kernels/onednn/prepare.h"
#include "kernels/onednn/reorder.h"

namespace flopmeter::normalization {
namespace {

using dnnl::memory;
using dnnl::prop_kind;
using BatchForward = dnnl::batch_normalization_forward;
using BatchBackward = dnnl::batch_normalization_backward;

constexpr auto no_flags = dnnl::normalization_flags::none;

class OnednnGroups {
 public:
  OnednnGroups(const Normalization& n, const onednn::Types& types)
      : n_(n),
        type_(types.src),
        group_dims_{1, n.layout.groups, 1, n.layout.size()},
        channel_dims_{n.layout.elements() / n.layout.channels / n.layout.length, n.layout.channels},
        per_channel_dims_{1, n.layout.channels} {
    // Planes of one element are no dimension: oneDNN 2.6 then adds the wrong shifts.
    if (n.layout.length > 1) {
      channel_dims_.push_back(n.layout.length);
      per_channel_dims_.push_back(1);
    }
  }

  onednn::PrimitivePlan forward() {
    const std::string_view normalized = n_.affine ? "normalized" : "dst";
    normalize("src", normalized, prop_kind::forward_inference, no_flags);
    if (n_.affine) {
      scale_and_shift(normalized, "dst");
    }
    return plan_;
  }

  onednn::PrimitivePlan backward_data() {
    const std::string_view gradient = n_.affine ? "scaled" : "diff_dst";
    if (n_.affine) {
      multiply("diff_dst", per_channel(DNNL_ARG_SRC_1, "scale"), channels("scaled"));
    }
    const auto description = describe_backward<BatchForward, BatchBackward>(
        prop_kind::backward_data, groups("src").wanted, no_flags);
    add(description, BatchBackward(description),
        {as(DNNL_ARG_DIFF_DST, groups(gradient)), as(DNNL_ARG_SRC, groups("src")),
         statistics(DNNL_ARG_MEAN, "mean"), statistics(DNNL_ARG_VARIANCE, "variance"),
         as(DNNL_ARG_DIFF_SRC, groups("diff_src"))});
    return plan_;
  }

  onednn::PrimitivePlan backward_weights() {
    normalize("src", "normalized", prop_kind::forward_inference,
              dnnl::normalization_flags::use_global_stats);
    multiply("diff_dst", as(DNNL_ARG_SRC_1, channels("normalized")), channels("products"));
    sum("products", "diff_scale");
    sum("diff_dst", "diff_shift");
    return plan_;
  }

 private:
  onednn::Argument groups(std::string_view name) const {
    return {0, name, onednn::plain(group_dims_), onednn::row_major(group_dims_, type_)};
  }
  onednn::Argument channels(std::string_view name) const {
    return {0, name, onednn::plain(channel_dims_), onednn::row_major(channel_dims_, type_)};
  }
  onednn::Argument per_channel(int id, std::string_view name) const {
    const memory::desc desc = onednn::plain(per_channel_dims_);
    return {id, name, desc, desc};
  }
  onednn::Argument statistics(int id, std::string_view name) const {
    const memory::desc desc = onednn::plain({n_.layout.groups});
    return {id, name, desc, desc};
  }
  static onednn::Argument as(int id, onednn::Argument argument) {
    argument.id = id;
    return argument;
  }

  template <class Description>
  void add(const Description& description, const dnnl::primitive& primitive,
           std::vector<onednn::Argument> arguments) {
    plan_.implementation += plan_.implementation.empty() ? "" : " + ";
    plan_.implementation += description.impl_info_str();
    plan_.stages.push_back({primitive, std::move(arguments)});
  }

  void normalize(std::string_view from, std::string_view to, prop_kind kind,
                 dnnl::normalization_flags flags) {
    const auto description = describe_forward<BatchForward>(kind, groups(from).wanted, flags);
    std::vector<onednn::Argument> arguments{as(DNNL_ARG_SRC, groups(from)),
                                            as(DNNL_ARG_DST, groups(to))};
    if (flags != no_flags) {
      arguments.push_back(statistics(DNNL_ARG_MEAN, "mean"));
      arguments.push_back(statistics(DNNL_ARG_VARIANCE, "variance"));
    }
    add(description, BatchForward(description), std::move(arguments));
  }

  void scale_and_shift(std::string_view from, std::string_view to) {
    const onednn::Argument shift =
        per_channel(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, "shift");
    dnnl::post_ops add_shift;
    add_shift.append_binary(dnnl::algorithm::binary_add, shift.wanted);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(add_shift);
    multiply(from, per_channel(DNNL_ARG_SRC_1, "scale"), channels(to), attributes, {shift});
  }

  void multiply(std::string_view left, const onednn::Argument& right, const onednn::Argument& to,
                const dnnl::primitive_attr& attributes = {},
                const std::vector<onednn::Argument>& more = {}) {
    const onednn::Argument from = as(DNNL_ARG_SRC_0, channels(left));
    const auto description = onednn::describe_with<dnnl::binary>(
        attributes, dnnl::algorithm::binary_mul, from.wanted, right.wanted, to.wanted);
    std::vector<onednn::Argument> arguments{from, right, as(DNNL_ARG_DST, to)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    add(description, dnnl::binary(description), std::move(arguments));
  }

  /// Over samples and planes. A sum of one is no reduction to oneDNN.
  void sum(std::string_view from, std::string_view to) {
    const onednn::Argument source = as(DNNL_ARG_SRC, channels(from));
    const onednn::Argument result = per_channel(DNNL_ARG_DST, to);
    if (channel_dims_ == per_channel_dims_) {
      const dnnl::reorder::primitive_desc description =
          onednn::own_reorder(source.wanted, result.wanted);
      add(description, dnnl::reorder(description), {source, result});
      return;
    }
    const auto description = onednn::describe<dnnl::reduction>(
        dnnl::algorithm::reduction_sum, source.wanted, result.wanted, 0.0F, 0.0F);
    add(description, dnnl::reduction(description), {source, result});
  }

  Normalization n_;
  memory::data_type type_;
  memory::dims group_dims_, channel_dims_, per_channel_dims_;
  onednn::PrimitivePlan plan_;
};

}  // namespace

Preparation prepare_groups_with_onednn(const Normalization& n, const Setup& setup,
                                       Tensors<float>& tensors) {
  if (setup.pass == Pass::backward_weights && !n.affine) {
    return Unavailable{"without scale and shift there are no gradients of parameters"};
  }
  return onednn::prepare("batch normalisation of groups", setup, tensors,
                         [&](const onednn::Types& types) {
                           OnednnGroups groups(n, types);
                           switch (setup.pass) {
                             case Pass::backward_data:
                               return groups.backward_data();
                             case Pass::backward_weights:
                               return groups.backward_weights();
                             case Pass::forward:
                               break;
                           }
                           return groups.forward();
                         });
}

}  // namespace flopmeter::normalization
