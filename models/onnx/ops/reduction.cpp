// Reductions over axes. Axes are an attribute, and an input since opset 18 (ReduceSum since 13).
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// Which axes are reduced; all where none is named, unless that means none.
std::vector<bool> reduced_axes(const NodeView& n) {
  const bool arg = n.proto.op.starts_with("Arg");
  std::vector<bool> reduced(n.dims(0).size(), false);
  if (arg) {
    reduced[n.axis(n.integer("axis", 0), n.rank(0))] = true;
    return reduced;
  }
  const auto axes = n.has(1) ? n.known_integers(1) : n.integers_of("axes");
  if (axes.empty()) {
    reduced.assign(reduced.size(), n.integer("noop_with_empty_axes", 0) == 0);
  }
  for (const std::int64_t axis : axes) {
    reduced[n.axis(axis, n.rank(0))] = true;
  }
  return reduced;
}

/// Of integers, where all elements are reduced to one.
Contents fold_reduction(const NodeView& n, const std::vector<bool>& reduced) {
  const Content* x = n.content(0);
  if (x == nullptr || x->real || x->integers.empty() ||
      std::ranges::find(reduced, false) != reduced.end()) {
    return nullptr;
  }
  Dim result = x->integers.front();
  for (std::size_t i = 1; i < x->integers.size(); ++i) {
    const Dim& next = x->integers[i];
    if (n.proto.op == "ReduceProd") {
      result = result * next;
    } else if (n.proto.op == "ReduceSum") {
      result = result + next;
    } else if (result.known() && next.known() && n.proto.op == "ReduceMax") {
      result = std::max(result.value(), next.value());
    } else if (result.known() && next.known() && n.proto.op == "ReduceMin") {
      result = std::min(result.value(), next.value());
    } else {
      return nullptr;
    }
  }
  return integers_of({result});
}

void infer_reduction(NodeView& n) {
  const auto reduced = reduced_axes(n);
  const bool keep = n.integer("keepdims", 1) != 0;
  Dims out;
  for (std::size_t i = 0; i < reduced.size(); ++i) {
    if (!reduced[i]) {
      out.push_back(n.dims(0)[i]);
    } else if (keep) {
      out.emplace_back(1);
    }
  }
  n.set(0, n.proto.op.starts_with("Arg") ? Elem::s64 : n.in(0).elem, std::move(out),
        fold_reduction(n, reduced));
}

Lowered lower_reduction(const NodeView& n) {
  const auto reduced = reduced_axes(n);
  if (std::ranges::find(reduced, true) == reduced.end()) {
    return moves("view");
  }
  const auto x = n.sizes(0);
  if (product_of(x, 0, x.size()) == 0) {
    return moves("empty");
  }
  std::vector<std::int64_t> out = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    out[i] = reduced[i] ? 1 : x[i];
  }
  Lowered lowered;
  LayerUse use{n.row->layer, {}};
  use.text = shape_text(x) + ":" + shape_text(out);
  lowered.layers.push_back(std::move(use));
  return lowered;
}

void infer_cumulative(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

Lowered lower_cumulative(const NodeView& n) {
  const auto x = n.sizes(0);
  const auto given = n.known_integers(1);
  if (given.size() != 1) {
    bad_input("its axis has {} values", given.size());
  }
  const std::size_t axis = n.axis(given.front(), n.rank(0));
  Lowered lowered;
  lowered.layers.push_back({n.row->layer,
                            {{"mb", product_of(x, 0, axis)},
                             {"n", x.at(axis)},
                             {"dim", product_of(x, axis + 1, x.size())},
                             {"exclusive", n.integer("exclusive", 0) != 0 ? 1 : 0},
                             {"reverse", n.integer("reverse", 0) != 0 ? 1 : 0}}});
  return lowered;
}

Lowered lower_uncounted(const NodeView& n) {
  return not_understood(fmt::format("no layer counts {}", n.proto.op));
}

constexpr std::array reduction_rows{
    Operator{"", "ReduceSum", infer_reduction, lower_reduction, "reduce_sum"},
    Operator{"", "ReduceMean", infer_reduction, lower_reduction, "reduce_mean"},
    Operator{"", "ReduceMax", infer_reduction, lower_reduction, "reduce_max"},
    Operator{"", "ReduceMin", infer_reduction, lower_reduction, "reduce_min"},
    Operator{"", "ReduceProd", infer_reduction, lower_reduction, "reduce_prod"},
    Operator{"", "ReduceL1", infer_reduction, lower_reduction, "reduce_l1"},
    Operator{"", "ReduceL2", infer_reduction, lower_reduction, "reduce_l2"},
    Operator{"", "ReduceSumSquare", infer_reduction, lower_reduction, "reduce_sum_square"},
    Operator{"", "ReduceLogSum", infer_reduction, lower_reduction, "reduce_log_sum"},
    Operator{"", "ReduceLogSumExp", infer_reduction, lower_reduction, "reduce_logsumexp"},
    Operator{"", "ArgMax", infer_reduction, lower_reduction, "argmax"},
    Operator{"", "ArgMin", infer_reduction, lower_reduction, "argmin"},
    Operator{"", "CumSum", infer_cumulative, lower_cumulative, "cumsum"},
    Operator{"", "CumProd", infer_cumulative, lower_uncounted},
};

}  // namespace

std::span<const Operator> reduction_operators() { return reduction_rows; }

}  // namespace flopmeter::onnx
