// oneDNN's reorder, from a layout with the strides of the source.
#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/moves/moves.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/onednn/reorder.h"

namespace flopmeter::moves {
namespace {

using dnnl::memory;

onednn::PrimitivePlan plan(const Loop& loop, const onednn::Types& types) {
  const auto layout = [&](const Dims& strides, memory::data_type type) {
    return memory::desc(loop.extents, type, strides);
  };
  const auto f32 = memory::data_type::f32;
  const memory::desc from = layout(loop.from_strides, types.src);
  const memory::desc to = layout(loop.to_strides, types.src);
  const dnnl::reorder::primitive_desc description = onednn::own_reorder(from, to);
  return {description.impl_info_str(),
          {{dnnl::reorder(description),
            {{DNNL_ARG_FROM, "src", layout(loop.from_strides, f32), from},
             {DNNL_ARG_TO, "dst", layout(loop.to_strides, f32), to}}}}};
}

}  // namespace

Preparation prepare_onednn(const Row& row, const Values& v, const Setup& setup,
                           Tensors<float>& tensors) {
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN has no backward pass of a reorder"};
  }
  const Lists lists = Table::lists_of(row, v);
  const Loop loop = row.loop(lists).merged();
  const bool everything =
      loop.moved() == dims::product(lists[0]) && loop.moved() == dims::product(row.result(lists));
  const auto repeats = [](std::int64_t stride) { return stride <= 0; };
  if (!everything || std::ranges::any_of(loop.from_strides, repeats)) {
    return Unavailable{"oneDNN reorders whole tensors, in no direction but forwards"};
  }
  return onednn::prepare("reorder", setup, tensors,
                         [&](const onednn::Types& types) { return plan(loop, types); });
}

}  // namespace flopmeter::moves
