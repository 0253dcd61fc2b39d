// Attention of oneDNN's products and softmax; the heads are dimensions with strides, so that
// nothing is moved.
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/sdpa/sdpa.h"

namespace flopmeter::sdpa {
namespace {

using dnnl::memory;
using onednn::Argument;

/// What lies in Tensors as rows x (heads * d), as a batch of matrices. Grouped queries have a
/// dimension for the group, in which keys and values are broadcast.
struct Views {
  memory::data_type type;
  bool grouped;
  memory::dim mb, h, hkv, lq, lk, d, dv;

  Views(const Shape& s, memory::data_type number_type)
      : type(number_type),
        grouped(s.h != s.hkv),
        mb(s.mb),
        h(s.h),
        hkv(s.hkv),
        lq(s.lq),
        lk(s.lk),
        d(s.d),
        dv(s.dv) {}

  Argument queries(std::string_view operand) const { return by_head(operand, d); }
  Argument results(std::string_view operand) const { return by_head(operand, dv); }
  Argument keys(std::string_view operand) const { return by_group(operand, d); }
  Argument values(std::string_view operand) const { return by_group(operand, dv); }
  Argument keys_transposed(std::string_view operand) const { return transposed(operand, d); }
  Argument values_transposed(std::string_view operand) const { return transposed(operand, dv); }
  /// Scores and probabilities.
  Argument pairs(std::string_view operand) const {
    return argument(operand, {mb, hkv, h / hkv, lq, lk},
                    {h * lq * lk, h / hkv * lq * lk, lq * lk, lk, 1});
  }
  Argument pairs_transposed(std::string_view operand) const {
    return argument(operand, {mb, hkv, h / hkv, lk, lq},
                    {h * lq * lk, h / hkv * lq * lk, lq * lk, 1, lk});
  }
  /// Minus infinity, as good as, where a query must not look.
  Argument mask(const Shape& s) const {
    Argument mask = argument("mask", {1, 1, 1, lq, lk}, {lq * lk, lq * lk, lq * lk, lk, 1});
    mask.plain = {};
    mask.wanted =
        described({1, 1, 1, lq, lk}, {lq * lk, lq * lk, lq * lk, lk, 1}, memory::data_type::f32);
    mask.values.assign(static_cast<std::size_t>(lq * lk), 0.0F);
    for (memory::dim i = 0; i < lq; ++i) {
      const Keys keys = s.keys_of(i);
      const auto row = mask.values.begin() + i * lk;
      std::fill(row, row + keys.from, -1e30F);
      std::fill(row + keys.to, row + lk, -1e30F);
    }
    return mask;
  }
  int last_axis() const { return grouped ? 4 : 3; }

 private:
  Argument by_head(std::string_view operand, memory::dim n) const {
    return argument(operand, {mb, hkv, h / hkv, lq, n}, {lq * h * n, h / hkv * n, n, h * n, 1});
  }
  Argument by_group(std::string_view operand, memory::dim n) const {
    return argument(operand, {mb, hkv, 1, lk, n}, {lk * hkv * n, n, n, hkv * n, 1});
  }
  Argument transposed(std::string_view operand, memory::dim n) const {
    return argument(operand, {mb, hkv, 1, n, lk}, {lk * hkv * n, n, n, 1, hkv * n});
  }

  Argument argument(std::string_view operand, const memory::dims& dims,
                    const memory::dims& strides) const {
    return {0, operand, described(dims, strides, memory::data_type::f32),
            described(dims, strides, type)};
  }

  memory::desc described(memory::dims dims, memory::dims strides, memory::data_type of) const {
    if (!grouped) {
      dims.erase(dims.begin() + 2);
      strides.erase(strides.begin() + 2);
    }
    return {dims, of, strides};
  }
};

Argument as(int id, Argument argument) {
  argument.id = id;
  return argument;
}

/// Memory between primitives.
Argument between(Argument argument) {
  argument.plain = {};
  return argument;
}

onednn::Stage multiply(const Argument& a, const Argument& b, const Argument& c,
                       const dnnl::primitive_attr& attributes = {}) {
  const auto description =
      onednn::describe_with<dnnl::matmul>(attributes, a.wanted, b.wanted, c.wanted);
  return {dnnl::matmul(description),
          {as(DNNL_ARG_SRC, a), as(DNNL_ARG_WEIGHTS, b), as(DNNL_ARG_DST, c)}};
}

/// q * k^T / sqrt(d), with the mask added.
onednn::Stage scores(const Shape& s, const Views& views, const Argument& result) {
  dnnl::post_ops after;
  onednn::append_scaling(after, static_cast<float>(s.scale()));
  const bool masked = s.pairs() != s.lq * s.lk;
  const Argument mask = views.mask(s);
  if (masked) {
    after.append_binary(dnnl::algorithm::binary_add, mask.wanted);
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  onednn::Stage stage =
      multiply(views.queries("src_q"), views.keys_transposed("src_k"), result, attributes);
  if (masked) {
    stage.arguments.push_back(as(DNNL_ARG_ATTR_MULTIPLE_POST_OP(1) | DNNL_ARG_SRC_1, mask));
  }
  return stage;
}

onednn::SoftmaxForward::primitive_desc softmax(const Views& views, dnnl::prop_kind kind) {
  const memory::desc data = views.pairs("probabilities").wanted;
  return onednn::describe<onednn::SoftmaxForward>(kind, dnnl::algorithm::softmax_accurate, data,
                                                  data, views.last_axis());
}

onednn::Plan forward(const Shape& s, const onednn::Types& types) {
  const Views views(s, types.src);
  const Argument scored = between(views.pairs("scores"));
  const Argument probabilities = between(views.pairs("normalised"));
  const auto normalise = softmax(views, dnnl::prop_kind::forward_inference);
  return {"matmul, softmax, matmul",
          {scores(s, views, scored),
           {onednn::SoftmaxForward(normalise),
            {as(DNNL_ARG_SRC, scored), as(DNNL_ARG_DST, probabilities)}},
           multiply(probabilities, views.values("src_v"), views.results("dst"))}};
}

onednn::Plan backward(const Shape& s, const onednn::Types& types) {
  const Views views(s, types.src);
  const Argument given = between(views.pairs("diff_probabilities"));
  const Argument wanted = between(views.pairs("diff_scores"));
  const auto description = onednn::describe_backward<onednn::SoftmaxBackward>(
      softmax(views, dnnl::prop_kind::forward_training), dnnl::algorithm::softmax_accurate,
      wanted.wanted, given.wanted, given.wanted, views.last_axis());
  dnnl::post_ops after;
  onednn::append_scaling(after, static_cast<float>(s.scale()));
  dnnl::primitive_attr scaled;
  scaled.set_post_ops(after);
  const Argument transposed = between(views.pairs_transposed("diff_scores"));
  return {"matmuls and softmax",
          {multiply(views.results("diff_dst"), views.values_transposed("src_v"), given),
           {onednn::SoftmaxBackward(description),
            {as(DNNL_ARG_DST, views.pairs("probabilities")), as(DNNL_ARG_DIFF_DST, given),
             as(DNNL_ARG_DIFF_SRC, wanted)}},
           multiply(wanted, views.keys("src_k"), views.queries("diff_src_q"), scaled),
           multiply(transposed, views.queries("src_q"), views.keys("diff_src_k"), scaled),
           multiply(views.pairs_transposed("probabilities"), views.results("diff_dst"),
                    views.values("diff_src_v"))}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (setup.pass != Pass::forward && s.h != s.hkv) {
    return Unavailable{"oneDNN's matmul does not sum the gradients of a group of heads"};
  }
  if (setup.pass == Pass::backward_weights) {
    return Unavailable{"no primitive computes the gradients of sinks"};
  }
  if (s.softcap != 0) {
    return Unavailable{"these primitives are put together without a soft cap of scores"};
  }
  if (setup.pass == Pass::forward && s.sink != 0) {
    return Unavailable{"oneDNN's softmax has no sink"};
  }
  if (setup.pass == Pass::forward && s.seeing_queries() != s.lq) {
    return Unavailable{"oneDNN's softmax has no result for a query that sees no key"};
  }
  return onednn::prepare("attention", setup, tensors, [&](const onednn::Types& types) {
    return setup.pass == Pass::forward ? forward(s, types) : backward(s, types);
  });
}

}  // namespace flopmeter::sdpa
