// Attention of oneDNN's products and softmax; the heads are dimensions with strides, so that
// nothing is moved.
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/onednn/reorder.h"
#include "kernels/sdpa/sdpa.h"

namespace flopmeter::sdpa {
namespace {

using dnnl::memory;
using onednn::Argument;

/// What lies in Tensors as rows x (heads * d), as a batch of matrices, one for each head of keys. The
/// queries of a group that share it are more rows of its matrix: oneDNN 2.6 takes a hundred times as long
/// where it has to broadcast the keys over a dimension for the group.
struct Views {
  memory::data_type type;
  memory::dim mb, h, hkv, group, lq, lk, d, dv;

  Views(const Shape& s, memory::data_type number_type)
      : type(number_type),
        mb(s.mb),
        h(s.h),
        hkv(s.hkv),
        group(s.h / s.hkv),
        lq(s.lq),
        lk(s.lk),
        d(s.d),
        dv(s.dv) {}

  /// Whether the rows of a group do not lie one behind the other: they are brought there, and results back.
  bool moved() const { return group > 1 && lq > 1; }

  Argument queries(std::string_view operand) const { return rows(operand, d); }
  Argument results(std::string_view operand) const { return rows(operand, dv); }
  Argument keys(std::string_view operand) const {
    return argument(operand, {mb, hkv, lk, d}, {lk * hkv * d, d, hkv * d, 1});
  }
  Argument values(std::string_view operand) const {
    return argument(operand, {mb, hkv, lk, dv}, {lk * hkv * dv, dv, hkv * dv, 1});
  }
  Argument keys_transposed(std::string_view operand) const {
    return argument(operand, {mb, hkv, d, lk}, {lk * hkv * d, d, 1, hkv * d});
  }
  Argument values_transposed(std::string_view operand) const {
    return argument(operand, {mb, hkv, dv, lk}, {lk * hkv * dv, dv, 1, hkv * dv});
  }
  /// Scores and probabilities.
  Argument pairs(std::string_view operand) const {
    const memory::dim m = group * lq;
    return argument(operand, {mb, hkv, m, lk}, {h * lq * lk, m * lk, lk, 1});
  }
  Argument pairs_transposed(std::string_view operand) const {
    const memory::dim m = group * lq;
    return argument(operand, {mb, hkv, lk, m}, {h * lq * lk, m * lk, 1, lk});
  }
  /// As it lies: with a dimension for the group.
  Argument by_head(std::string_view operand, memory::dim n) const {
    return argument(operand, {mb, hkv, group, lq, n}, {lq * h * n, group * n, n, h * n, 1});
  }
  /// The rows of a group one behind the other, between primitives.
  Argument gathered(std::string_view name, memory::dim n) const {
    return between(
        argument(name, {mb, hkv, group, lq, n}, {lq * h * n, group * lq * n, lq * n, n, 1}));
  }
  Argument gathered_rows(std::string_view name, memory::dim n) const {
    return between(argument(name, {mb, hkv, group * lq, n}, {lq * h * n, group * lq * n, n, 1}));
  }
  /// Minus infinity, as good as, where a query must not look. Once for each sample: oneDNN 2.6 adds what it has
  /// to broadcast over two dimensions one number at a time.
  Argument mask(const Shape& s) const {
    const memory::dim m = group * lq;
    Argument mask = argument("mask", {mb, 1, m, lk}, {m * lk, m * lk, lk, 1});
    mask.plain = {};
    mask.wanted = {{mb, 1, m, lk}, memory::data_type::f32, memory::dims{m * lk, m * lk, lk, 1}};
    mask.values.assign(static_cast<std::size_t>(mb * m * lk), 0.0F);
    for (memory::dim i = 0; i < mb * m; ++i) {
      const Keys keys = s.keys_of(i % lq);
      const auto row = mask.values.begin() + i * lk;
      std::fill(row, row + keys.from, -1e30F);
      std::fill(row + keys.to, row + lk, -1e30F);
    }
    return mask;
  }

 private:
  /// One query of each head: they lie one behind the other. Heads of their own: so does each head's.
  Argument rows(std::string_view operand, memory::dim n) const {
    return group > 1 ? argument(operand, {mb, hkv, group, n}, {h * n, group * n, n, 1})
                     : argument(operand, {mb, hkv, lq, n}, {lq * h * n, n, h * n, 1});
  }

  static Argument between(Argument argument) {
    argument.plain = {};
    return argument;
  }

  Argument argument(std::string_view operand, const memory::dims& dims,
                    const memory::dims& strides) const {
    return {0, operand, {dims, memory::data_type::f32, strides}, {dims, type, strides}};
  }
};

constexpr int last_axis = 3;

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

onednn::Stage copy(const Argument& from, const Argument& to) {
  return {dnnl::reorder(onednn::own_reorder(from.wanted, to.wanted)),
          {as(DNNL_ARG_FROM, from), as(DNNL_ARG_TO, to)}};
}

/// q * k^T / sqrt(d), with the mask added.
onednn::Stage scores(const Shape& s, const Views& views, const Argument& queries,
                     const Argument& result) {
  dnnl::post_ops after;
  onednn::append_scaling(after, static_cast<float>(s.scale()));
  const bool masked = s.pairs() != s.lq * s.lk;
  const Argument mask = views.mask(s);
  if (masked) {
    after.append_binary(dnnl::algorithm::binary_add, mask.wanted);
  }
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  onednn::Stage stage = multiply(queries, views.keys_transposed("src_k"), result, attributes);
  if (masked) {
    stage.arguments.push_back(as(DNNL_ARG_ATTR_MULTIPLE_POST_OP(1) | DNNL_ARG_SRC_1, mask));
  }
  return stage;
}

onednn::SoftmaxForward::primitive_desc softmax(const Views& views, dnnl::prop_kind kind) {
  const memory::desc data = views.pairs("probabilities").wanted;
  return onednn::describe<onednn::SoftmaxForward>(kind, dnnl::algorithm::softmax_accurate, data,
                                                  data, last_axis);
}

onednn::PrimitivePlan forward(const Shape& s, const onednn::Types& types) {
  const Views views(s, types.src);
  const Argument scored = between(views.pairs("scores"));
  const Argument probabilities = between(views.pairs("normalised"));
  const auto normalise = softmax(views, dnnl::prop_kind::forward_inference);
  const bool moved = views.moved();
  const Argument queries =
      moved ? views.gathered_rows("queries of groups", s.d) : views.queries("src_q");
  const Argument results =
      moved ? views.gathered_rows("results of groups", s.dv) : views.results("dst");
  std::vector<onednn::Stage> stages{scores(s, views, queries, scored),
                                    {onednn::SoftmaxForward(normalise),
                                     {as(DNNL_ARG_SRC, scored), as(DNNL_ARG_DST, probabilities)}},
                                    multiply(probabilities, views.values("src_v"), results)};
  if (moved) {
    stages.insert(stages.begin(),
                  copy(views.by_head("src_q", s.d), views.gathered("queries of groups", s.d)));
    stages.push_back(copy(views.gathered("results of groups", s.dv), views.by_head("dst", s.dv)));
  }
  return {moved ? "reorder, matmul, softmax, matmul, reorder" : "matmul, softmax, matmul",
          std::move(stages)};
}

onednn::PrimitivePlan backward(const Shape& s, const onednn::Types& types) {
  const Views views(s, types.src);
  const Argument given = between(views.pairs("diff_probabilities"));
  const Argument wanted = between(views.pairs("diff_scores"));
  const auto description = onednn::describe_backward<onednn::SoftmaxBackward>(
      softmax(views, dnnl::prop_kind::forward_training), dnnl::algorithm::softmax_accurate,
      wanted.wanted, given.wanted, given.wanted, last_axis);
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
