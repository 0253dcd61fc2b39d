// Changes of place and look-ups of a graph as nodes of a network.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "models/onnx/bind.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

using Sizes = std::vector<std::int64_t>;

void bind_transpose(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  Sizes order = b.view.integers_of("perm");
  if (order.empty()) {
    order.resize(x.size());
    std::iota(order.rbegin(), order.rend(), 0);
  }
  b.add_last("transpose", shape_text(x) + ":" + shape_text(order), {{"src", b.in(0)}});
}

/// From `starts`, steps forward, as many as the result has.
std::string slice_shape(const Sizes& x, const Sizes& y, const Sizes& starts, const Sizes& steps) {
  return fmt::format("{}:{}:{}:{}", shape_text(x), shape_text(y), shape_text(starts),
                     shape_text(steps));
}

/// Starts and steps by axis: attributes below opset 10, inputs since.
void bind_slice(const Binding& b) {
  const NodeView& n = b.view;
  const bool attributes = n.opset < 10 && n.attribute("starts") != nullptr;
  const Sizes starts = attributes ? n.integers_of("starts") : n.known_integers(1);
  Sizes axes = attributes ? n.integers_of("axes") : n.has(3) ? n.known_integers(3) : Sizes{};
  Sizes steps = n.has(4) && !attributes ? n.known_integers(4) : Sizes{};
  for (auto i = static_cast<std::int64_t>(axes.size()); axes.size() < starts.size(); ++i) {
    axes.push_back(i);
  }
  steps.resize(starts.size(), 1);
  const Sizes x = n.sizes(0);
  Sizes first(x.size(), 0);
  Sizes stride(x.size(), 1);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = n.axis(axes[i], n.rank(0));
    if (steps[i] < 1) {
      bad_input("a step of {} is not run", steps[i]);
    }
    const std::int64_t from = starts[i] < 0 ? starts[i] + x[axis] : starts[i];
    first[axis] = std::clamp<std::int64_t>(from, 0, x[axis]);
    stride[axis] = steps[i];
  }
  b.add_last("slice", slice_shape(x, n.output_sizes(), first, stride), {{"src", b.in(0)}});
}

void bind_split(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  Sizes first(x.size(), 0);
  for (std::size_t i = 0; i < b.node.outputs.size(); ++i) {
    const Sizes y = b.view.output_sizes(i);
    b.builder.add(b.node, fmt::format("{}", i), "slice",
                  slice_shape(x, y, first, Sizes(x.size(), 1)), {{"src", b.in(0)}},
                  {{"dst", b.node.outputs[i]}});
    first[axis] += y[axis];
  }
}

/// One behind the other, two at a time.
void bind_concat(const Binding& b) {
  const Sizes out = b.view.output_sizes();
  const std::size_t axis = b.view.axis(b.view.integer("axis", 1), b.view.rank(0));
  const std::int64_t before = product_of(out, 0, axis);
  std::vector<std::size_t> parts;
  for (std::size_t i = 0; i < b.node.inputs.size(); ++i) {
    if (b.view.count(i) != 0) {
      parts.push_back(i);
    }
  }
  if (parts.size() < 2) {
    bad_input("all but one of its inputs are empty");
  }
  TensorId joined = b.in(parts[0]);
  std::int64_t length = b.view.count(parts[0]) / before;
  for (std::size_t k = 1; k < parts.size(); ++k) {
    const std::int64_t more = b.view.count(parts[k]) / before;
    const std::string shape = fmt::format("mb{}a{}b{}", before, length, more);
    const Operands operands{{"src0", joined}, {"src1", b.in(parts[k])}};
    joined = k + 1 == parts.size() ? b.add_last("concat", shape, operands)
                                   : b.add_between(fmt::format("{}", k), "concat", shape, operands);
    length += more;
  }
}

void bind_expand(const Binding& b) {
  Sizes x = b.view.sizes(0);
  const Sizes y = b.view.output_sizes();
  x.insert(x.begin(), y.size() - std::min(y.size(), x.size()), 1);
  b.add_last("broadcast_to", shape_text(x) + ":" + shape_text(y), {{"src", b.in(0)}});
}

void bind_pad(const Binding& b) {
  const NodeView& n = b.view;
  if (n.text("mode", "constant") != "constant") {
    bad_input("padding with '{}' is not run", n.text("mode", "constant"));
  }
  const Content* value = n.content(2);
  const bool zero =
      n.real("value", 0) == 0 && (!n.has(2) || (value != nullptr && value->real &&
                                                value->reals.size() == 1 && value->reals[0] == 0));
  if (!zero) {
    bad_input("padding with another number than 0 is not run");
  }
  const Sizes x = n.sizes(0);
  const Sizes given = n.has(1) ? n.known_integers(1) : n.integers_of("pads");
  Sizes axes = n.has(3) ? n.known_integers(3) : Sizes{};
  for (std::size_t i = 0; !n.has(3) && i < x.size(); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
  }
  Sizes before(x.size(), 0);
  Sizes after(x.size(), 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = n.axis(axes[i], n.rank(0));
    before[axis] = given.at(i);
    after[axis] = given.at(axes.size() + i);
  }
  if (std::ranges::any_of(given, [](std::int64_t v) { return v < 0; })) {
    bad_input("padding of less than 0 is not run");
  }
  b.add_last("pad", fmt::format("{}:{}:{}", shape_text(x), shape_text(before), shape_text(after)),
             {{"src", b.in(0)}});
}

/// Places count from the front: those from the end are known before the run or refused.
TensorId places(const Binding& b, std::int64_t rows) {
  const TensorId given = b.in(1);
  if (!b.builder.is_constant(given)) {
    return given;
  }
  Numbers counted = [numbers = b.builder.numbers(given), rows] {
    std::vector<float> all = numbers();
    for (float& number : all) {
      number = number < 0 ? number + static_cast<float>(rows) : number;
    }
    return all;
  };
  return b.builder.constant(b.node.name + ":places", b.builder.dims(given), std::move(counted));
}

void bind_gather(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  b.draw(1, {0, 0, x[axis]});
  if (!b.lowered.layers.empty()) {
    b.add({{"src", places(b, x[axis])}, {"weights", b.in(0)}});
    return;
  }
  const std::int64_t count = b.view.count(1);
  const std::string shape = fmt::format("mb{}n{}m{}dim{}", product_of(x, 0, axis), x[axis], count,
                                        product_of(x, axis + 1, x.size()));
  b.add_last("gather", shape, {{"src", b.in(0)}, {"indices", places(b, x[axis])}});
}

constexpr std::array moving_rows{
    Binder{"", "Transpose", bind_transpose}, Binder{"", "Slice", bind_slice},
    Binder{"", "Split", bind_split},         Binder{"", "Concat", bind_concat},
    Binder{"", "Expand", bind_expand},       Binder{"", "Pad", bind_pad},
    Binder{"", "Gather", bind_gather},
};

}  // namespace

std::span<const Binder> moving_binders() { return moving_rows; }

}  // namespace flopmeter::onnx
