// Operators that choose, sort or search: how much they find is known during a run only.
#include <algorithm>
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/most_found.h"
#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

Dim found(const NodeView& n, std::string_view what) {
  return Dim::unknown(fmt::format("{}.{}", n.proto.outputs.at(0), what));
}

/// K is an attribute below opset 10.
void infer_top_k(NodeView& n) {
  Dims out = n.dims(0);
  const std::size_t axis = n.axis(n.integer("axis", -1), n.rank(0));
  if (n.opset < 10) {
    out[axis] = n.required("k");
  } else {
    out[axis] =
        n.content(1) != nullptr && !n.integers(1).empty() ? n.integers(1)[0] : found(n, "k");
  }
  n.set(0, n.in(0).elem, out);
  n.set(1, Elem::s64, out);
}

/// Comparisons of a heap of k elements.
Lowered lower_top_k(const NodeView& n) {
  const auto x = n.sizes(0);
  const std::size_t axis = n.axis(n.integer("axis", -1), n.rank(0));
  const std::int64_t k = n.output_sizes()[axis];
  if (k == 0) {
    return moves("empty");
  }
  return one_layer("topk", {{"mb", product_of(x, 0, axis) * product_of(x, axis + 1, x.size())},
                            {"n", x[axis]},
                            {"m", k}});
}

Lowered lower_search(const NodeView& n) {
  return not_understood(
      fmt::format("{} compares as its data asks for: its comparisons are not counted", n.proto.op));
}

void infer_non_zero(NodeView& n) {
  const Content* x = n.content(0);
  if (x != nullptr && !x->real && all_known(x->integers) && n.rank(0) == 1) {
    Dims places;
    for (std::size_t i = 0; i < x->integers.size(); ++i) {
      if (x->integers[i].value() != 0) {
        places.emplace_back(static_cast<std::int64_t>(i));
      }
    }
    const auto count = static_cast<std::int64_t>(places.size());
    n.set(0, Elem::s64, {1, count}, integers_of(std::move(places)));
    return;
  }
  n.set(0, Elem::s64, {n.rank(0), found(n, "count")});
}

void infer_unique(NodeView& n) {
  const Dim count = found(n, "count");
  if (n.attribute("axis") == nullptr) {
    n.set(0, n.in(0).elem, {count});
    n.set(2, Elem::s64, {elements_of(n.dims(0))});
  } else {
    Dims out = n.dims(0);
    const std::size_t axis = n.axis(n.integer("axis", 0), n.rank(0));
    n.set(2, Elem::s64, {out[axis]});
    out[axis] = count;
    n.set(0, n.in(0).elem, std::move(out));
  }
  n.set(1, Elem::s64, {count});
  n.set(3, Elem::s64, {count});
}

void infer_non_max(NodeView& n) { n.set(0, Elem::s64, {found(n, "count"), 3}); }

/// Boxes that are kept of each class and sample.
std::int64_t most_kept(const NodeView& n) {
  const Sizes scores = n.sizes(1);
  const Content* most = n.content(2);
  if (most == nullptr || most->real || most->integers.size() != 1 || !most->integers[0].known()) {
    throw Undetermined("how many boxes it keeps at the most is known during a run only");
  }
  return checked_multiply(checked_multiply(scores.at(0), scores.at(1)),
                          std::clamp<std::int64_t>(most->integers[0].value(), 0, scores.at(2)));
}

Lowered lower_moved_only(const NodeView&) { return moves("gather"); }

constexpr std::array selection_rows{
    Operator{"", "TopK", infer_top_k, lower_top_k},
    Operator{"", "NonZero", infer_non_zero, lower_moved_only},
    Operator{"", "Unique", infer_unique, lower_search},
    Operator{"", "NonMaxSuppression", infer_non_max, lower_search},
};

}  // namespace

std::optional<std::int64_t> most_found(const NodeView& n) {
  const bool open = !n.outputs.empty() && n.outputs[0].dims && !all_known(*n.outputs[0].dims);
  if (!open || !n.proto.domain.empty()) {
    return std::nullopt;
  }
  if (n.proto.op == "NonZero" && all_known(n.dims(0))) {
    return elements_of(n.dims(0)).value();
  }
  return n.proto.op == "NonMaxSuppression" ? std::optional(most_kept(n)) : std::nullopt;
}

std::span<const Operator> selection_operators() { return selection_rows; }

}  // namespace flopmeter::onnx
