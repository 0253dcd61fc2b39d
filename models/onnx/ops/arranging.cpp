// Elements in another order, or again: Transpose, Expand, Tile.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

Lowered lower_arranged(const NodeView&) { return moves("copy"); }

std::vector<std::size_t> permutation(const NodeView& n) {
  const auto given = n.integers_of("perm");
  std::vector<std::size_t> perm;
  if (given.empty()) {
    for (std::size_t i = n.dims(0).size(); i > 0; --i) {
      perm.push_back(i - 1);
    }
    return perm;
  }
  if (given.size() != n.dims(0).size()) {
    bad_input("perm has {} values for {} dimensions", given.size(), n.rank(0));
  }
  std::vector<bool> seen(given.size(), false);
  for (const std::int64_t axis : given) {
    perm.push_back(n.axis(axis, n.rank(0)));
    if (seen[perm.back()]) {
      bad_input("perm names axis {} twice", axis);
    }
    seen[perm.back()] = true;
  }
  return perm;
}

Contents permuted(const Content& from, const Dims& in, const Dims& out,
                  const std::vector<std::size_t>& perm) {
  Content result{from.real, {}, {}};
  const std::vector<std::int64_t> sizes = known_sizes(out);
  std::vector<std::int64_t> strides(in.size(), 1);
  for (std::size_t i = in.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * in[i].value();
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t at = 0;
    for (std::size_t d = sizes.size(); d-- > 0;) {
      at += rest % sizes[d] * strides[perm[d]];
      rest /= sizes[d];
    }
    append_element(result, from, static_cast<std::size_t>(at));
  }
  return std::make_shared<const Content>(std::move(result));
}

void infer_transpose(NodeView& n) {
  const auto perm = permutation(n);
  const Dims& x = n.dims(0);
  Dims out;
  for (const std::size_t axis : perm) {
    out.push_back(x[axis]);
  }
  Contents content;
  if (n.content(0) != nullptr && all_known(x)) {
    content = permuted(*n.content(0), x, out, perm);
  }
  n.set(0, n.in(0).elem, std::move(out), std::move(content));
}

Contents repeated(const Content* from, const Dims& in, const Dims& out) {
  const Dim count = all_known(out) ? elements_of(out) : Dim(max_content + 1);
  if (from == nullptr || !all_known(in) || count.value() > max_content) {
    return nullptr;
  }
  Content result{from->real, {}, {}};
  for (std::int64_t i = 0; i < count.value(); ++i) {
    const auto at = static_cast<std::size_t>(source_of(i, out, in));
    append_element(result, *from, at);
  }
  return std::make_shared<const Content>(std::move(result));
}

void infer_expand(NodeView& n) {
  Dims out = broadcast(n.dims(0), n.integers(1));
  Contents content = repeated(n.content(0), n.dims(0), out);
  n.set(0, n.in(0).elem, std::move(out), std::move(content));
}

/// Dimensions of 1 are repeated; where there is none to repeat it is another view.
Lowered lower_expand(const NodeView& n) {
  auto x = n.sizes(0);
  const auto y = n.output_sizes();
  if (product_of(x, 0, x.size()) == product_of(y, 0, y.size())) {
    return moves("view");
  }
  x.insert(x.begin(), y.size() - x.size(), 1);
  Lowered lowered;
  LayerUse use{"broadcast_to", {}};
  use.text = shape_text(x) + ":" + shape_text(y);
  lowered.layers.push_back(std::move(use));
  return lowered;
}

/// Opset 1: tiles along one axis.
void infer_tile(NodeView& n) {
  Dims out = n.dims(0);
  const Dims& repeats = n.integers(1);
  if (n.opset < 6 && n.has(2)) {
    const std::size_t at = n.axis(n.known_integers(2).at(0), n.rank(0));
    out[at] = out[at] * repeats.at(0);
    n.set(0, n.in(0).elem, std::move(out));
    return;
  }
  if (repeats.size() != out.size()) {
    bad_input("{} repeats for {} dimensions", repeats.size(), out.size());
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = out[i] * repeats[i];
  }
  Contents content;
  if (n.dims(0).size() == 1 && n.dims(0)[0].is(1)) {
    content = repeated(n.content(0), n.dims(0), out);
  }
  n.set(0, n.in(0).elem, std::move(out), std::move(content));
}

constexpr std::array arranging_rows{
    Operator{"", "Transpose", infer_transpose, lower_arranged},
    Operator{"", "Expand", infer_expand, lower_expand, "broadcast_to"},
    Operator{"", "Tile", infer_tile, lower_arranged},
};

}  // namespace

std::span<const Operator> arranging_operators() { return arranging_rows; }

}  // namespace flopmeter::onnx
