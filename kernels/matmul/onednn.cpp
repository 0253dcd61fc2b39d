#include "kernels/matmul/onednn.h"

#include <algorithm>
#include <numeric>

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/onednn/reorder.h"

namespace flopmeter::matmul {
namespace {

using dnnl::memory;

/// The fewest dimensions that do, two where the batch is 1: oneDNN has more kernels for them.
/// `axis` says which of A's and B's the matrix has.
template <class Axis>
memory::dims dims(const Shape& s, const Axis& axis, std::int64_t rows, std::int64_t columns) {
  memory::dims all;
  for (const AxisPair& pair : merged(s.a(), s.b())) {
    all.push_back(axis(pair));
  }
  all.insert(all.end(), {rows, columns});
  return all;
}

std::int64_t of_a(const AxisPair& pair) { return pair.a; }
std::int64_t of_b(const AxisPair& pair) { return pair.b; }
std::int64_t of_c(const AxisPair& pair) { return std::max(pair.a, pair.b); }
std::int64_t of_none(const AxisPair& /*pair*/) { return 1; }

memory::dims transposed(memory::dims dims) {
  std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
  return dims;
}

memory::desc transposed(const memory::desc& desc, std::size_t rank) {
  std::vector<int> order(rank);
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[rank - 1], order[rank - 2]);
  return desc.permute_axes(order);
}

/// A matrix as it lies in Tensors, by columns when transposed.
memory::desc stored(const memory::dims& dims, bool by_columns) {
  return by_columns ? transposed(onednn::plain(transposed(dims)), dims.size())
                    : onednn::plain(dims);
}

/// The three matrices as oneDNN and Tensors have them; B and C may be asked for transposed.
struct Matrices {
  memory::dims a, b, c;
  memory::desc stored_a, stored_b, stored_c;

  explicit Matrices(const Shape& s)
      : a(dims(s, of_a, s.m, s.k)),
        b(dims(s, of_b, s.k, s.n)),
        c(dims(s, of_c, s.m, s.n)),
        stored_a(stored(a, s.ta != 0)),
        stored_b(stored(b, s.tb != 0)),
        stored_c(onednn::plain(c)) {}
};

/// A matrix of the layer: its name, how it lies in Tensors, its dimensions, its number type.
struct Operand {
  std::string_view name;
  memory::desc plain;
  memory::dims dims;
  memory::data_type type;

  onednn::Argument argument(int id, const memory::desc& wanted) const {
    return {id, name, plain, wanted};
  }
};

/// The sum over the dimensions in which the result is 1. One row is its own sum, which oneDNN calls
/// a reorder.
onednn::Stage sum(const onednn::Argument& from, const memory::dims& from_dims, const Operand& to) {
  const memory::desc result = onednn::plain(to.dims);
  const std::vector<onednn::Argument> arguments{
      {DNNL_ARG_SRC, from.operand, from.plain, from.wanted}, to.argument(DNNL_ARG_DST, result)};
  if (from_dims == to.dims) {
    return {dnnl::reorder(onednn::own_reorder(from.wanted, result)), arguments};
  }
  return {dnnl::reduction(onednn::describe<dnnl::reduction>(dnnl::algorithm::reduction_sum,
                                                            from.wanted, result, 0.0F, 0.0F)),
          arguments};
}

/// result = left * right. oneDNN has no product that sums over the batch, so that a gradient that
/// is broadcast takes a second primitive.
onednn::PrimitivePlan gradient(const Operand& left, const Operand& right, const Operand& result,
                               const memory::dims& product_dims) {
  const bool summed = product_dims != result.dims;
  const auto description = onednn::describe<dnnl::matmul>(
      onednn::any_layout(left.dims, left.type), onednn::any_layout(right.dims, right.type),
      summed ? onednn::plain(product_dims) : onednn::any_layout(result.dims, result.type));
  const onednn::Argument product =
      summed ? onednn::Argument{DNNL_ARG_DST, "products", {}, description.dst_desc()}
             : result.argument(DNNL_ARG_DST, description.dst_desc());
  onednn::PrimitivePlan plan{
      description.impl_info_str(),
      {{dnnl::matmul(description),
        {left.argument(DNNL_ARG_SRC, description.src_desc()),
         right.argument(DNNL_ARG_WEIGHTS, description.weights_desc()), product}}}};
  if (summed) {
    plan.stages.push_back(sum(product, product_dims, result));
  }
  return plan;
}

onednn::PrimitivePlan backward_data(const Shape& s, const onednn::Types& types) {
  const Matrices m(s);
  return gradient({"diff_dst", m.stored_c, m.c, types.dst},
                  {"weights", transposed(m.stored_b, m.b.size()), transposed(m.b), types.weights},
                  {"diff_src", m.stored_a, m.a, memory::data_type::f32}, dims(s, of_c, s.m, s.k));
}

onednn::PrimitivePlan backward_weights(const Shape& s, const onednn::Types& types) {
  const Matrices m(s);
  const Operand dy{"diff_dst", m.stored_c, m.c, types.dst};
  onednn::PrimitivePlan plan =
      gradient({"src", transposed(m.stored_a, m.a.size()), transposed(m.a), types.src}, dy,
               {"diff_weights", m.stored_b, m.b, memory::data_type::f32}, dims(s, of_c, s.k, s.n));
  if (s.bias != 0) {
    const memory::dims bias = dims(s, of_none, 1, s.n);
    plan.stages.push_back(sum(dy.argument(DNNL_ARG_SRC, onednn::row_major(m.c, types.dst)), m.c,
                              {"diff_bias", onednn::plain(bias), bias, memory::data_type::f32}));
  }
  return plan;
}

onednn::PrimitivePlan plan(const Shape& s, Pass pass, const onednn::Types& types) {
  switch (pass) {
    case Pass::backward_data:
      return backward_data(s, types);
    case Pass::backward_weights:
      return backward_weights(s, types);
    case Pass::forward:
      break;
  }
  return forward_plan(s, types);
}

}  // namespace

onednn::PrimitivePlan forward_plan(const Shape& s, const onednn::Types& types) {
  const Matrices m(s);
  const memory::desc bias = onednn::bias_if(s.bias != 0, dims(s, of_none, 1, s.n));
  const auto description = onednn::describe_with<dnnl::matmul>(
      types.attributes, onednn::any_layout(m.a, types.src), onednn::any_layout(m.b, types.weights),
      bias, onednn::any_layout(m.c, types.dst));
  return {description.impl_info_str(),
          {{dnnl::matmul(description),
            {{DNNL_ARG_SRC, "src", m.stored_a, description.src_desc()},
             {DNNL_ARG_WEIGHTS, "weights", m.stored_b, description.weights_desc()},
             {DNNL_ARG_BIAS, "bias", bias, bias},
             {DNNL_ARG_DST, "dst", m.stored_c, description.dst_desc()}}}}};
}

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return onednn::prepare(
      "matmul", setup, tensors,
      [&](const onednn::Types& types) { return plan(s, setup.pass, types); },
      onednn::Integers::yes);
}

}  // namespace flopmeter::matmul
