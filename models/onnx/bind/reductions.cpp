// Reductions of a graph as nodes of a network.
#include <algorithm>
#include <array>

#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// The last of equal elements is the first of what is turned round.
void bind_last_best(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  Sizes turned(x.dims.size(), 0);
  turned[axis] = 1;
  const Value flipped =
      steps.layer("flip", shape_text(x.dims) + ":" + shape_text(turned), {{"src", x}}, x.dims);
  const Value best = steps.reduce(b.view.row->layer, flipped, {axis});
  steps.finish(steps.two("sub", steps.number(static_cast<double>(x.dims[axis] - 1)), best));
}

void bind_reduction(const Binding& b) {
  if (b.view.integer("select_last_index", 0) != 0) {
    return bind_last_best(b);
  }
  constexpr std::array fractions{"ReduceMean", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp"};
  const bool cut = is_integer(b.view.outputs.at(0).elem) &&
                   std::ranges::find(fractions, b.node.proto->op) != fractions.end();
  if (!cut || b.lowered.layers.empty()) {
    b.add({{"src", b.in(0)}});
    return;
  }
  // Of integers: cut towards zero. A mean is the sum, exact, over how many there are, so that it is whole where it is.
  Steps steps(b);
  const bool mean = b.node.proto->op == "ReduceMean";
  const LayerUse& use = b.use();
  Value y = steps.layer(mean ? "reduce_sum" : use.layer, shape_text(use), {{"src", steps.in(0)}},
                        b.view.output_sizes());
  if (mean) {
    y = steps.two("div", y, static_cast<double>(b.view.count(0) / b.view.output_count()));
  }
  steps.finish(steps.one("trunc", y));
}

constexpr std::array reduction_rows{
    Binder{"", "ReduceMean", bind_reduction},   Binder{"", "ReduceSum", bind_reduction},
    Binder{"", "ReduceMax", bind_reduction},    Binder{"", "ReduceMin", bind_reduction},
    Binder{"", "ReduceProd", bind_reduction},   Binder{"", "ReduceL1", bind_reduction},
    Binder{"", "ReduceL2", bind_reduction},     Binder{"", "ReduceSumSquare", bind_reduction},
    Binder{"", "ReduceLogSum", bind_reduction}, Binder{"", "ReduceLogSumExp", bind_reduction},
    Binder{"", "ArgMax", bind_reduction},       Binder{"", "ArgMin", bind_reduction},
    Binder{"", "CumSum", bind_reduction},
};

}  // namespace

std::span<const Binder> reduction_binders() { return reduction_rows; }

}  // namespace flopmeter::onnx
