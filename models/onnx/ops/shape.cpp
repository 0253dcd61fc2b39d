// What shapes are computed with: Shape, Reshape and their relatives move nothing but names.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

Lowered lower_reshape(const NodeView&) { return moves("view"); }
Lowered lower_copy(const NodeView&) { return moves("copy"); }

std::int64_t clamp_to(std::int64_t value, std::int64_t low, std::int64_t high) {
  return std::min(std::max(value, low), high);
}

void infer_shape(NodeView& n) {
  const Dims& x = n.dims(0);
  const std::int64_t rank = n.rank(0);
  std::int64_t start = n.integer("start", 0);
  std::int64_t end = n.integer("end", rank);
  start = clamp_to(start < 0 ? start + rank : start, 0, rank);
  end = clamp_to(end < 0 ? end + rank : end, 0, rank);
  Dims part;
  for (std::int64_t i = start; i < end; ++i) {
    part.push_back(x[static_cast<std::size_t>(i)]);
  }
  const auto count = static_cast<std::int64_t>(part.size());
  n.set(0, Elem::s64, {count}, integers_of(std::move(part)));
}

void infer_size(NodeView& n) { n.set(0, Elem::s64, {}, integers_of({elements_of(n.dims(0))})); }

/// What -1 stands for: the elements that no other dimension has. Dimensions that stand on both sides
/// cancel, so that unknown ones do no harm.
Dim remaining(const Dims& from, const Dims& to, std::size_t hole) {
  Dims left = from;
  Dim right = 1;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (i == hole) {
      continue;
    }
    const auto same = to[i].known() ? left.end() : std::ranges::find(left, to[i]);
    if (same != left.end()) {
      left.erase(same);
    } else {
      right = right * to[i];
    }
  }
  const Dim all = elements_of(left);
  if (all.known() && right.known()) {
    if (right.value() == 0) {
      return 0;
    }
    if (all.value() % right.value() != 0) {
      bad_input("{} elements ({}) cannot be divided by {}", all.value(), to_string(from),
                right.value());
    }
  }
  return floor_divide(all, right);
}

void check_elements(const Dims& from, const Dims& to) {
  const Dim a = elements_of(from);
  const Dim b = elements_of(to);
  if (a.known() && b.known() && a.value() != b.value()) {
    bad_input("{} elements ({}) do not fit into {}", a.value(), to_string(from), to_string(to));
  }
}

Dims reshaped(const NodeView& n, const Dims& wanted) {
  const Dims& x = n.dims(0);
  const bool keeps_zero = n.integer("allowzero", 0) != 0;
  Dims out;
  std::size_t hole = wanted.size();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].is(0) && !keeps_zero) {
      if (i >= x.size()) {
        bad_input("a shape of {} keeps a dimension that its input does not have",
                  to_string(wanted));
      }
      out.push_back(x[i]);
    } else {
      if (wanted[i].is(-1)) {
        if (hole != wanted.size()) {
          bad_input("a shape of {} leaves two dimensions open", to_string(wanted));
        }
        hole = i;
      }
      out.push_back(wanted[i].is(-1) ? Dim(1) : wanted[i]);
    }
  }
  if (hole != wanted.size()) {
    out[hole] = remaining(x, out, hole);
  }
  check_elements(x, out);
  return out;
}

/// Opset 1 has the shape as an attribute.
Dims wanted_shape(const NodeView& n) {
  if (const AttributeProto* shape = n.attribute("shape"); shape != nullptr) {
    const auto sizes = shape->integers();
    return {sizes.begin(), sizes.end()};
  }
  return n.integers(1);
}

void infer_reshape(NodeView& n) {
  if (!n.has(1) && n.attribute("shape") == nullptr) {
    bad_input("input 1 is missing");
  }
  if (n.has(1) && n.content(1) == nullptr && n.rank(1) == 1 && n.dims(1)[0].known() &&
      n.dims(1)[0].value() <= static_cast<std::int64_t>(max_rank)) {
    // The rank is known, the sizes are not.
    Dims out;
    for (std::int64_t i = 0; i < n.dims(1)[0].value(); ++i) {
      out.push_back(Dim::unknown(fmt::format("{}.dim{}", n.proto.outputs.at(0), i)));
    }
    n.set(0, n.in(0).elem, std::move(out));
    return;
  }
  n.set(0, n.in(0).elem, reshaped(n, wanted_shape(n)), n.in(0).content);
}

void infer_flatten(NodeView& n) {
  const Dims& x = n.dims(0);
  std::int64_t axis = n.integer("axis", 1);
  axis = axis < 0 ? axis + n.rank(0) : axis;
  if (axis < 0 || axis > n.rank(0)) {
    bad_input("axis {} of a tensor of {} dimensions", axis, n.rank(0));
  }
  const auto at = x.begin() + axis;
  n.set(0, n.in(0).elem, {elements_of({x.begin(), at}), elements_of({at, x.end()})},
        n.in(0).content);
}

/// Axes are an input since opset 13.
std::vector<std::int64_t> axes_of(const NodeView& n) {
  return n.has(1) ? n.known_integers(1) : n.integers_of("axes");
}

void infer_squeeze(NodeView& n) {
  const Dims& x = n.dims(0);
  std::vector<bool> gone(x.size(), false);
  for (const std::int64_t axis : axes_of(n)) {
    const std::size_t at = n.axis(axis, n.rank(0));
    if (x[at].known() && x[at].value() != 1) {
      bad_input("axis {} cannot be squeezed: it has {} elements", axis, x[at].value());
    }
    gone[at] = true;
  }
  const bool all = !n.has(1) && n.attribute("axes") == nullptr;
  Dims out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (all && !x[i].known()) {
      throw Undetermined(fmt::format("whether '{}' is 1 is known during a run only", x[i].text()));
    }
    if (!(all ? x[i].is(1) : gone[i])) {
      out.push_back(x[i]);
    }
  }
  n.set(0, n.in(0).elem, std::move(out), n.in(0).content);
}

void infer_unsqueeze(NodeView& n) {
  const auto axes = axes_of(n);
  Dims out = n.dims(0);
  const std::int64_t rank = n.rank(0) + static_cast<std::int64_t>(axes.size());
  std::vector<std::size_t> places;
  places.reserve(axes.size());
  for (const std::int64_t axis : axes) {
    places.push_back(n.axis(axis, rank));
  }
  std::ranges::sort(places);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0 && places[i] == places[i - 1]) {
      bad_input("axis {} is named twice", places[i]);
    }
    if (places[i] > out.size()) {
      bad_input("axis {} of a tensor of {} dimensions", places[i], rank);
    }
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(places[i]), 1);
  }
  n.set(0, n.in(0).elem, std::move(out), n.in(0).content);
}

void infer_depth_to_space(NodeView& n) {
  const Dims& x = n.dims(0);
  const std::int64_t block = n.required("blocksize");
  if (x.size() != 4 || block < 1) {
    bad_input("its input has {} dimensions and blocks of {}", x.size(), block);
  }
  const bool to_space = n.proto.op == "DepthToSpace";
  const Dim area = Dim(block) * block;
  n.set(0, n.in(0).elem,
        to_space ? Dims{x[0], floor_divide(x[1], area), x[2] * block, x[3] * block}
                 : Dims{x[0], x[1] * area, floor_divide(x[2], block), floor_divide(x[3], block)});
}

void infer_moved(NodeView& n) { n.outputs.at(0) = {n.in(0).elem, n.in(0).dims}; }

/// The blocked layout of optimised files keeps the dimensions' meaning.
void infer_reorder(NodeView& n) {
  Dims out = n.dims(0);
  if (n.proto.op == "ReorderOutput" && out.size() >= 2 && n.attribute("channels") != nullptr) {
    out[1] = n.integer("channels", 1);
  }
  n.set(0, n.in(0).elem, std::move(out));
}

constexpr std::array shape_rows{
    Operator{"", "Shape", infer_shape, lower_reshape},
    Operator{"", "Size", infer_size, lower_reshape},
    Operator{"", "Reshape", infer_reshape, lower_reshape},
    Operator{"", "Flatten", infer_flatten, lower_reshape},
    Operator{"", "Squeeze", infer_squeeze, lower_reshape},
    Operator{"", "Unsqueeze", infer_unsqueeze, lower_reshape},
    Operator{"", "DepthToSpace", infer_depth_to_space, lower_copy},
    Operator{"", "SpaceToDepth", infer_depth_to_space, lower_copy},
    Operator{"", "ReverseSequence", infer_moved, lower_copy},
    Operator{"", "Trilu", infer_moved, lower_copy},
    Operator{nchwc, "ReorderInput", infer_reorder, lower_copy},
    Operator{nchwc, "ReorderOutput", infer_reorder, lower_copy},
};

}  // namespace

std::span<const Operator> shape_operators() { return shape_rows; }

}  // namespace flopmeter::onnx
