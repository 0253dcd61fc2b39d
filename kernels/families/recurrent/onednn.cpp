#include "kernels/families/recurrent/onednn.h"

#include <algorithm>
#include <memory>

#include "kernels/families/recurrent/cells.h"
#include "kernels/families/recurrent/onednn_primitives.h"
#include "kernels/families/recurrent/packing.h"
#include "kernels/onednn/reorder.h"

namespace flopmeter::recurrent {
namespace {

CellSizes sizes_of(Kind kind) {
  switch (kind) {
    case Kind::tanh:
      return Tanh::sizes;
    case Kind::gru:
      return Gru::sizes;
    case Kind::lstm:
      break;
  }
  return Lstm::sizes;
}

/// The primitives of all layers. A gradient of weights is added to what its memory holds, which
/// therefore has to become zero in each run.
class Planner {
 public:
  Planner(Kind kind, const Shape& s, const onednn::Types& types, bool training, Packing& packing)
      : s_(s), training_(training), packing_(packing) {
    const CellSizes cell = sizes_of(kind);
    for (std::int64_t layer = 0; layer < s.l; ++layer) {
      const Dims dims(s, cell, layer);
      plain_.push_back(plain_descs(s, dims));
      described_.push_back(
          describe(kind, s, training, wanted_descs(s, dims, types.src, types.weights),
                   wanted_descs(s, dims, memory::data_type::f32, memory::data_type::f32)));
      cell_state_ = cell.cell_state;
    }
  }

  onednn::PrimitivePlan forward() {
    onednn::PrimitivePlan plan{described_[0].forward.impl_info_str(), {}};
    for (std::int64_t layer = 0; layer < s_.l; ++layer) {
      plan.stages.push_back(forward_stage(layer));
    }
    return plan;
  }

  onednn::PrimitivePlan backward() {
    onednn::PrimitivePlan plan{
        described_[0].backward.impl_info_str(), {}, forward().stages, onednn::both_gradients};
    for (std::int64_t layer = s_.l - 1; layer >= 0; --layer) {
      for (const onednn::Argument& gradient : gradients_of_weights(layer)) {
        plan.stages.push_back(zero_stage(layer, gradient));
      }
      plan.stages.push_back(backward_stage(layer));
    }
    return plan;
  }

 private:
  const Described& described(std::int64_t layer) const {
    return described_[static_cast<std::size_t>(layer)];
  }

  /// What the primitive wants of the argument.
  void add(const dnnl::primitive_desc_base& description, int id, std::string_view name,
           const memory::desc& plain, std::vector<onednn::Argument>& arguments) const {
    const memory::desc wanted = description.query_md(dnnl::query::exec_arg_md, id);
    if (!wanted.is_zero()) {
      arguments.push_back({id, name, plain, wanted});
    }
  }

  /// The name of a layer's input or of its gradient: the output of the layer below.
  std::string_view input_name(const std::string& prefix, std::int64_t layer) {
    return layer == 0 ? packing_.name(prefix + "src", 0) : packing_.name(prefix + "dst", layer - 1);
  }

  std::vector<onednn::Argument> forward_arguments(std::int64_t layer,
                                                  const dnnl::primitive_desc_base& description) {
    const Descs& p = plain_[static_cast<std::size_t>(layer)];
    std::vector<onednn::Argument> list;
    const auto named = [&](std::string_view base) { return packing_.name(base, layer); };
    add(description, DNNL_ARG_SRC_LAYER, input_name("", layer), p.src, list);
    add(description, DNNL_ARG_SRC_ITER, named("src_iter"), p.src_iter, list);
    add(description, DNNL_ARG_WEIGHTS_LAYER, named("weights_layer"), p.weights_layer, list);
    add(description, DNNL_ARG_WEIGHTS_ITER, named("weights_iter"), p.weights_iter, list);
    add(description, DNNL_ARG_BIAS, named("bias"), p.bias, list);
    add(description, DNNL_ARG_DST_LAYER, named("dst"), p.dst, list);
    add(description, DNNL_ARG_DST_ITER, named("dst_iter"), p.dst_iter, list);
    if (cell_state_) {
      add(description, DNNL_ARG_SRC_ITER_C, named("src_iter_c"), p.src_iter_c, list);
      add(description, DNNL_ARG_DST_ITER_C, named("dst_iter_c"), p.dst_iter_c, list);
    }
    if (s_.projected()) {
      add(description, DNNL_ARG_WEIGHTS_PROJECTION, named("weights_projection"),
          p.weights_projection, list);
    }
    if (training_) {
      add(description, DNNL_ARG_WORKSPACE, named("workspace"), {}, list);
    }
    return list;
  }

  onednn::Stage forward_stage(std::int64_t layer) {
    const auto& description = described(layer).forward;
    return {dnnl::primitive(description.get()), forward_arguments(layer, description)};
  }

  std::vector<onednn::Argument> gradients_of_weights(std::int64_t layer) {
    const auto& description = described(layer).backward;
    const Descs& p = plain_[static_cast<std::size_t>(layer)];
    std::vector<onednn::Argument> list;
    const auto named = [&](std::string_view base) { return packing_.name(base, layer); };
    add(description, DNNL_ARG_DIFF_WEIGHTS_LAYER, named("diff_weights_layer"), p.weights_layer,
        list);
    add(description, DNNL_ARG_DIFF_WEIGHTS_ITER, named("diff_weights_iter"), p.weights_iter, list);
    add(description, DNNL_ARG_DIFF_BIAS, named("diff_bias"), p.bias, list);
    if (s_.projected()) {
      add(description, DNNL_ARG_DIFF_WEIGHTS_PROJECTION, named("diff_weights_projection"),
          p.weights_projection, list);
    }
    return list;
  }

  /// Through the whole memory, whatever its layout: a copy between two memories of one layout with gaps leaves the
  /// last elements as they were in oneDNN 3.7.2.
  onednn::Stage zero_stage(std::int64_t layer, const onednn::Argument& gradient) {
    const memory::desc whole =
        onednn::row_major({static_cast<memory::dim>(gradient.wanted.get_size() / sizeof(float))},
                          memory::data_type::f32);
    const dnnl::reorder::primitive_desc description = onednn::own_reorder(whole, whole);
    std::string_view base = gradient.operand.substr(5);
    base = base.substr(0, base.find('@'));
    onednn::Argument zero = gradient;
    zero.id = DNNL_ARG_FROM;
    zero.operand = packing_.name("zero_" + std::string(base), layer);
    onednn::Argument to = gradient;
    to.id = DNNL_ARG_TO;
    return {dnnl::reorder(description), {zero, to}};
  }

  onednn::Stage backward_stage(std::int64_t layer) {
    const auto& description = described(layer).backward;
    const Descs& p = plain_[static_cast<std::size_t>(layer)];
    std::vector<onednn::Argument> list = forward_arguments(layer, description);
    std::ranges::copy(gradients_of_weights(layer), std::back_inserter(list));
    const auto named = [&](std::string_view base) { return packing_.name(base, layer); };
    add(description, DNNL_ARG_DIFF_SRC_LAYER, input_name("diff_", layer), p.src, list);
    add(description, DNNL_ARG_DIFF_SRC_ITER, named("diff_src_iter"), p.src_iter, list);
    add(description, DNNL_ARG_DIFF_DST_LAYER, named("diff_dst"), p.dst, list);
    add(description, DNNL_ARG_DIFF_DST_ITER, named("diff_dst_iter"), p.dst_iter, list);
    if (cell_state_) {
      add(description, DNNL_ARG_DIFF_SRC_ITER_C, named("diff_src_iter_c"), p.src_iter_c, list);
      add(description, DNNL_ARG_DIFF_DST_ITER_C, named("diff_dst_iter_c"), p.dst_iter_c, list);
    }
    return {dnnl::primitive(description.get()), list};
  }

  Shape s_;
  bool training_;
  bool cell_state_ = false;
  Packing& packing_;
  std::vector<Descs> plain_;
  std::vector<Described> described_;
};

}  // namespace

Preparation prepare_onednn(Kind kind, const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (kind == Kind::lstm && setup.dtype == Dtype::s8 && setup.pass == Pass::forward) {
    return Unavailable{
        "oneDNN's 8-bit LSTM rounds the hidden state to 8 bits in every step, which is another "
        "function"};
  }
  if (s.packed()) {
    return Unavailable{"oneDNN's recurrent layers take the same number of steps for all samples"};
  }
  if (s.l > 1 && s.join != 0) {
    return Unavailable{"a primitive a layer here, whose directions meet in each"};
  }
  if (setup.dtype == Dtype::bf16 && s.projected()) {
    // The forward primitive of 2.6 ends in a segmentation fault, the backward one in zeros.
    return Unavailable{"oneDNN's bf16 LSTM does not work with a projection"};
  }
  const bool training = setup.pass != Pass::forward;
  const auto packing = std::make_shared<Packing>(s, sizes_of(kind), tensors);
  Preparation preparation = onednn::prepare(
      "recurrent layer", setup, packing->tensors(), [&](const onednn::Types& types) {
        Planner planner(kind, s, types, training, *packing);
        return training ? planner.backward() : planner.forward();
      });
  if (auto* prepared = std::get_if<Prepared>(&preparation)) {
    prepared->feed = [packing, feed = prepared->feed] {
      packing->pack();
      feed();
    };
    prepared->fetch = [packing, fetch = prepared->fetch] {
      fetch();
      packing->unpack();
    };
  }
  return preparation;
}

}  // namespace flopmeter::recurrent
