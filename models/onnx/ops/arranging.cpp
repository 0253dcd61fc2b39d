// Elements in another order, or again: Transpose, Expand, Tile; blocks put together to an image.
#include <algorithm>
#include <array>
#include <set>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/window.h"

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

void infer_col_to_im(NodeView& n) {
  const Dims& x = n.dims(0);
  const auto image = n.integers(1);
  const auto block = n.known_integers(2);
  std::int64_t area = 1;
  for (const std::int64_t size : block) {
    area *= size;
  }
  Dims out{x.at(0), floor_divide(x.at(1), area)};
  out.insert(out.end(), image.begin(), image.end());
  n.set(0, n.in(0).elem, std::move(out));
}

/// Numbers of blocks along each axis, of the image that they are put together to.
Sizes blocks_along(const NodeView& n, const Window& blocks, const Sizes& image) {
  Sizes along;
  for (const Dim& count : positions(blocks, {image.begin(), image.end()}, false)) {
    along.push_back(count.value());
  }
  const auto x = n.sizes(0);
  if (x.size() != 3 || x[2] != product_of(along, 0, along.size())) {
    bad_input("its input has other blocks than {}, which the image has",
              product_of(along, 0, along.size()));
  }
  return along;
}

/// Far above any image.
constexpr std::int64_t max_taps = 1 << 20;

/// Every element of a block that lies in the image is added to what is there; the first one is put there.
Lowered lower_col_to_im(const NodeView& n) {
  const auto y = n.output_sizes();
  const Sizes image(y.begin() + 2, y.end());
  const Window blocks = read_window(n, {image.begin(), image.end()}, n.known_integers(2));
  const Sizes along = blocks_along(n, blocks, image);
  std::int64_t put = 1;
  std::int64_t reached = 1;
  for (std::size_t axis = 0; axis < image.size(); ++axis) {
    if (checked_multiply(along[axis], blocks.kernel[axis]) > max_taps) {
      return not_understood(fmt::format("more than {} elements of blocks along an axis", max_taps));
    }
    std::set<std::int64_t> places;
    std::int64_t inside = 0;
    for (std::int64_t block = 0; block < along[axis]; ++block) {
      for (std::int64_t tap = 0; tap < blocks.kernel[axis]; ++tap) {
        const std::int64_t at =
            block * blocks.strides[axis] - blocks.begin[axis] + tap * blocks.dilations[axis];
        if (at >= 0 && at < image[axis]) {
          ++inside;
          places.insert(at);
        }
      }
    }
    put = checked_multiply(put, inside);
    reached = checked_multiply(reached, std::ssize(places));
  }
  const std::int64_t sums = checked_multiply(checked_multiply(y[0], y[1]), put - reached);
  if (sums == 0) {
    return moves("copy");
  }
  Lowered lowered;
  lowered.layers = {binary_use("add", {sums}, {sums})};
  return lowered;
}

constexpr std::array arranging_rows{
    Operator{"", "Transpose", infer_transpose, lower_arranged},
    Operator{"", "Expand", infer_expand, lower_expand, "broadcast_to"},
    Operator{"", "Tile", infer_tile, lower_arranged},
    Operator{"", "Col2Im", infer_col_to_im, lower_col_to_im},
};

}  // namespace

std::span<const Operator> arranging_operators() { return arranging_rows; }

}  // namespace flopmeter::onnx
