// Changes of place of a graph as nodes of a network.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "models/onnx/bind/resize.h"
#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

void bind_transpose(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  Sizes order = b.view.integers_of("perm");
  if (order.empty()) {
    order.resize(x.size());
    std::iota(order.rbegin(), order.rend(), 0);
  }
  b.add_last("transpose", shape_text(x) + ":" + shape_text(order), {{"src", b.in(0)}});
}

/// Which axes go backwards, and from where in which steps.
struct Cuts {
  Sizes first, stride;
  std::vector<bool> backwards;
};

/// Starts and steps by axis: attributes below opset 10, inputs since.
Cuts read_cuts(const NodeView& n, const Sizes& x) {
  const bool attributes = n.opset < 10 && n.attribute("starts") != nullptr;
  const Sizes starts = attributes ? n.integers_of("starts") : n.known_integers(1);
  Sizes axes = attributes ? n.integers_of("axes") : n.has(3) ? n.known_integers(3) : Sizes{};
  Sizes steps = n.has(4) && !attributes ? n.known_integers(4) : Sizes{};
  for (auto i = static_cast<std::int64_t>(axes.size()); axes.size() < starts.size(); ++i) {
    axes.push_back(i);
  }
  steps.resize(starts.size(), 1);
  Cuts cuts{Sizes(x.size(), 0), Sizes(x.size(), 1), std::vector<bool>(x.size(), false)};
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = n.axis(axes[i], n.rank(0));
    const std::int64_t from = starts[i] < 0 ? starts[i] + x[axis] : starts[i];
    cuts.backwards[axis] = steps[i] < 0;
    cuts.first[axis] = cuts.backwards[axis]
                           ? x[axis] - 1 - std::clamp<std::int64_t>(from, -1, x[axis] - 1)
                           : std::clamp<std::int64_t>(from, 0, x[axis]);
    cuts.stride[axis] = std::abs(steps[i]);
  }
  return cuts;
}

/// The same in reversed order along some axes.
Value flipped(Steps& steps, const Value& x, const std::vector<bool>& axes) {
  if (std::ranges::find(axes, true) == axes.end()) {
    return x;
  }
  return steps.layer("flip", shape_text(x.dims) + ":" + shape_text({axes.begin(), axes.end()}),
                     {{"src", x}}, x.dims);
}

/// Steps backwards are steps forward in what is turned round.
void bind_slice(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const Cuts cuts = read_cuts(b.view, x.dims);
  const Sizes y = b.view.output_sizes();
  const Value forward = flipped(steps, x, cuts.backwards);
  const bool whole = y == x.dims && std::ranges::all_of(cuts.stride, [](auto s) { return s == 1; });
  steps.finish(whole ? forward : steps.slice(forward, y, cuts.first, cuts.stride));
}

void bind_split(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  Sizes first(x.dims.size(), 0);
  for (std::size_t i = 0; i < b.node.outputs.size(); ++i) {
    const Sizes y = b.view.output_sizes(i);
    if (b.node.outputs[i] != nobody && product_of(y, 0, y.size()) > 0) {
      steps.finish(y == x.dims ? x : steps.slice(x, y, first, Sizes(x.dims.size(), 1)), i);
    }
    first[axis] += y[axis];
  }
}

/// One behind the other, two at a time; what is empty is left out.
void bind_concat(const Binding& b) {
  const std::size_t axis = b.view.axis(b.view.integer("axis", 1), b.view.rank(0));
  Steps steps(b);
  std::optional<Value> joined;
  for (std::size_t i = 0; i < b.node.inputs.size(); ++i) {
    if (b.view.count(i) != 0) {
      joined = joined ? steps.concat(*joined, steps.in(i), axis) : steps.in(i);
    }
  }
  if (!joined) {
    bad_input("all of its inputs are empty");
  }
  steps.finish(*joined);
}

void bind_expand(const Binding& b) {
  Sizes x = b.view.sizes(0);
  const Sizes y = b.view.output_sizes();
  x.insert(x.begin(), y.size() - std::min(y.size(), x.size()), 1);
  b.add_last("broadcast_to", shape_text(x) + ":" + shape_text(y), {{"src", b.in(0)}});
}

/// By axis, what is added before and behind; below 0 it is cut.
struct Padding {
  Sizes before, after;
};

Padding read_padding(const NodeView& n) {
  const Sizes x = n.sizes(0);
  const std::string_view attribute = n.opset < 2 ? "paddings" : "pads";
  const Sizes given = n.has(1) ? n.known_integers(1) : n.integers_of(attribute);
  Sizes axes = n.has(3) ? n.known_integers(3) : Sizes{};
  for (std::size_t i = 0; !n.has(3) && i < x.size(); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
  }
  Padding padding{Sizes(x.size(), 0), Sizes(x.size(), 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = n.axis(axes[i], n.rank(0));
    padding.before[axis] = given.at(i);
    padding.after[axis] = given.at(axes.size() + i);
  }
  return padding;
}

/// What is below 0 taken away.
Value cropped(Steps& steps, const Value& x, Padding& padding) {
  Sizes dims = x.dims;
  Sizes first(x.dims.size(), 0);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    first[i] = std::max<std::int64_t>(-padding.before[i], 0);
    dims[i] -= first[i] + std::max<std::int64_t>(-padding.after[i], 0);
    padding.before[i] = std::max<std::int64_t>(padding.before[i], 0);
    padding.after[i] = std::max<std::int64_t>(padding.after[i], 0);
  }
  return dims == x.dims ? x : steps.slice(x, dims, first, Sizes(dims.size(), 1));
}

/// The number that is padded with; none where only a run knows it.
std::optional<double> padded_with(const NodeView& n) {
  if (!n.has(2)) {
    return n.real("value", 0);
  }
  const Content* value = n.content(2);
  if (value == nullptr || value->size() != 1) {
    return std::nullopt;
  }
  return value->real ? value->reals[0] : static_cast<double>(value->integers[0].value());
}

/// A block of the same number before and behind, axis by axis.
Value padded_by_blocks(Steps& steps, Value x, const Padding& padding, double number) {
  const auto block = [&](std::size_t axis, std::int64_t length) {
    Sizes dims = x.dims;
    dims[axis] = length;
    const auto count = static_cast<std::size_t>(product_of(dims, 0, dims.size()));
    return steps.constant(dims, std::vector<float>(count, static_cast<float>(number)));
  };
  for (std::size_t axis = 0; axis < x.dims.size(); ++axis) {
    if (padding.before[axis] > 0) {
      x = steps.concat(block(axis, padding.before[axis]), x, axis);
    }
    if (padding.after[axis] > 0) {
      x = steps.concat(x, block(axis, padding.after[axis]), axis);
    }
  }
  return x;
}

/// Which element of an axis of `size` stands at a place outside of it.
std::int64_t reflected(std::string_view mode, std::int64_t at, std::int64_t size) {
  if (mode == "edge") {
    return std::clamp<std::int64_t>(at, 0, size - 1);
  }
  if (mode == "wrap") {
    return ((at % size) + size) % size;
  }
  const std::int64_t period = std::max<std::int64_t>(2 * (size - 1), 1);
  const std::int64_t folded = ((at % period) + period) % period;
  return folded < size ? folded : period - folded;
}

/// Elements of the input again: looked up, axis by axis.
Value padded_by_places(Steps& steps, Value x, const Padding& padding, std::string_view mode) {
  for (std::size_t axis = 0; axis < x.dims.size(); ++axis) {
    const std::int64_t size = x.dims[axis];
    std::vector<float> places;
    for (std::int64_t i = -padding.before[axis]; i < size + padding.after[axis]; ++i) {
      places.push_back(static_cast<float>(reflected(mode, i, size)));
    }
    if (static_cast<std::int64_t>(places.size()) != size) {
      const auto count = static_cast<std::int64_t>(places.size());
      x = steps.gather(x, axis, steps.constant({count}, std::move(places)));
    }
  }
  return x;
}

void bind_pad(const Binding& b) {
  const std::string_view mode = b.view.text("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap") {
    bad_input("padding with '{}' is not run", mode);
  }
  Padding padding = read_padding(b.view);
  Steps steps(b);
  const Value x = cropped(steps, steps.in(0), padding);
  if (mode != "constant") {
    return steps.finish(padded_by_places(steps, x, padding, mode));
  }
  const auto number = padded_with(b.view);
  if (!number) {
    bad_input("padding with a number that only a run knows is not run");
  }
  if (*number != 0) {
    return steps.finish(padded_by_blocks(steps, x, padding, *number));
  }
  const Sizes y = b.view.output_sizes();
  steps.finish(y == x.dims
                   ? x
                   : steps.layer("pad",
                                 fmt::format("{}:{}:{}", shape_text(x.dims),
                                             shape_text(padding.before), shape_text(padding.after)),
                                 {{"src", x}}, y));
}

void bind_tile(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const Sizes y = b.view.output_sizes();
  Sizes times;
  for (std::size_t i = 0; i < x.size(); ++i) {
    times.push_back(y[i] / x[i]);
  }
  Steps steps(b);
  steps.finish(
      steps.layer("tile", shape_text(x) + ":" + shape_text(times), {{"src", steps.in(0)}}, y));
}

/// Blocks of channels as pixels and back, in one of two orders.
void bind_blocks(const Binding& b) {
  const bool to_space = b.node.proto->op == "DepthToSpace";
  const std::string_view layer = !to_space                             ? "space_to_depth"
                                 : b.view.text("mode", "DCR") == "CRD" ? "pixel_shuffle"
                                                                       : "depth_to_space";
  b.add_last(layer, fmt::format("{}:{}", shape_text(b.view.sizes(0)), b.view.required("blocksize")),
             {{"src", b.in(0)}});
}

/// What is above or below a diagonal, zeros elsewhere.
void bind_trilu(const Binding& b) {
  const std::int64_t k = b.view.has(1) ? b.view.known_integers(1).at(0) : 0;
  const bool upper = b.view.integer("upper", 1) != 0;
  Steps steps(b);
  const Value x = steps.in(0);
  const std::int64_t rows = x.dims[x.dims.size() - 2];
  const std::int64_t columns = x.dims.back();
  std::vector<float> kept;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      kept.push_back((upper ? j - i >= k : j - i <= k) ? 1 : 0);
    }
  }
  steps.finish(steps.where(steps.constant({rows, columns}, std::move(kept)), x, steps.number(0)));
}

constexpr std::array moving_rows{
    Binder{"", "Transpose", bind_transpose}, Binder{"", "Slice", bind_slice},
    Binder{"", "Split", bind_split},         Binder{"", "Concat", bind_concat},
    Binder{"", "Expand", bind_expand},       Binder{"", "Pad", bind_pad},
    Binder{microsoft, "Pad", bind_pad},      Binder{"", "Tile", bind_tile},
    Binder{"", "DepthToSpace", bind_blocks}, Binder{"", "SpaceToDepth", bind_blocks},
    Binder{"", "Trilu", bind_trilu},         Binder{"", "Resize", bind_resize},
    Binder{"", "Upsample", bind_resize},
};

}  // namespace

std::span<const Binder> moving_binders() { return moving_rows; }

}  // namespace flopmeter::onnx
