// Parts of tensors along axes: cut out, divided, with a margin.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

Lowered lower_part(const NodeView&) { return moves("copy"); }

/// Starts, ends, axes and steps: attributes below opset 10, inputs since.
struct Slicing {
  Dims starts, ends;
  std::vector<std::int64_t> axes, steps;
};

Slicing read_slicing(const NodeView& n) {
  Slicing s;
  if (n.opset < 10 && n.attribute("starts") != nullptr) {
    const auto starts = n.integers_of("starts");
    const auto ends = n.integers_of("ends");
    s.starts.assign(starts.begin(), starts.end());
    s.ends.assign(ends.begin(), ends.end());
    s.axes = n.integers_of("axes");
  } else {
    s.starts = n.integers(1);
    s.ends = n.integers(2);
    s.axes = n.has(3) ? n.known_integers(3) : std::vector<std::int64_t>{};
    s.steps = n.has(4) ? n.known_integers(4) : std::vector<std::int64_t>{};
  }
  for (std::size_t i = 0; s.axes.size() < s.starts.size(); ++i) {
    s.axes.push_back(static_cast<std::int64_t>(i));
  }
  s.steps.resize(s.starts.size(), 1);
  if (s.ends.size() != s.starts.size() || s.axes.size() != s.starts.size()) {
    bad_input("{} starts, {} ends and {} axes", s.starts.size(), s.ends.size(), s.axes.size());
  }
  return s;
}

/// First element and how many; unknown bounds give an unknown length.
struct Cut {
  Dim first, count;
};

Cut cut_of(const Dim& size, Dim start, Dim end, std::int64_t step) {
  if (step == 0 || step == INT64_MIN) {
    bad_input("a step of {}", step);
  }
  // "From 0 to the end" needs no size, and "without the last k" is a difference.
  if (!size.known() && step == 1 && start.known() && start.value() >= 0 && end.known()) {
    if (end.value() >= INT32_MAX) {
      return {start, size - start};
    }
    if (end.value() < 0) {
      return {start, size + end - start};
    }
  }
  if (step == 1 && start.is(0) && !end.known() && end == size) {
    return {0, size};
  }
  if (step == 1 && start.is(0) && !end.known()) {
    return {0, Dim::unknown("min(" + end.text() + "," + size.text() + ")")};
  }
  if (!size.known() || !start.known() || !end.known()) {
    return {start, Dim::unknown(fmt::format("slice({},{},{},{})", size.text(), start.text(),
                                            end.text(), step))};
  }
  const std::int64_t length = size.value();
  const auto bounded = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
    at = at < 0 ? (at < -length - 1 ? -1 : at + length) : at;
    return std::min(std::max(at, low), high);
  };
  const bool forward = step > 0;
  const std::int64_t from = bounded(start.value(), 0, forward ? length : length - 1);
  const std::int64_t to =
      end.value() < -length && !forward ? -1 : bounded(end.value(), forward ? 0 : -1, length);
  const std::int64_t span = forward ? to - from : from - to;
  const std::int64_t stride = forward ? step : -step;
  return {from, span <= 0 ? 0 : (span - 1) / stride + 1};
}

/// Where the bounds are known during a run only, so are the sizes of the axes that are cut.
void infer_open_slice(NodeView& n) {
  Dims out = n.dims(0);
  std::vector<bool> cut(out.size(), !n.has(3) || n.content(3) == nullptr);
  for (std::size_t i = 0; n.content(3) != nullptr && i < n.integers(3).size(); ++i) {
    cut[n.axis(n.known_integers(3)[i], n.rank(0))] = true;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (cut[i]) {
      out[i] = Dim::unknown(fmt::format("{}.{}", n.proto.outputs.at(0), i));
    }
  }
  n.set(0, n.in(0).elem, std::move(out));
}

/// Along one axis the elements first, first + step, ... of `count`.
struct Taken {
  std::int64_t first = 0, step = 1, count = 0;
};

/// The elements that a cut of every axis leaves, of a tensor of any rank; null where a bound is open.
Contents cut_content(const Content* from, const Dims& dims, const std::vector<Taken>& axes) {
  if (from == nullptr || !all_known(dims)) {
    return nullptr;
  }
  std::int64_t count = 1;
  for (const Taken& axis : axes) {
    count *= axis.count;
  }
  Content part{from->real, {}, {}};
  for (std::int64_t e = 0; e < count; ++e) {
    std::int64_t rest = e;
    std::int64_t at = 0;
    std::int64_t stride = 1;
    for (std::size_t d = axes.size(); d-- > 0;) {
      at += (axes[d].first + rest % axes[d].count * axes[d].step) * stride;
      rest /= axes[d].count;
      stride *= dims[d].value();
    }
    append_element(part, *from, static_cast<std::size_t>(at));
  }
  return std::make_shared<const Content>(std::move(part));
}

void infer_slice(NodeView& n) {
  if (n.attribute("starts") == nullptr && n.has(1) && n.has(2) &&
      (n.content(1) == nullptr || n.content(2) == nullptr)) {
    return infer_open_slice(n);
  }
  const Slicing s = read_slicing(n);
  const Dims& x = n.dims(0);
  Dims out = x;
  std::vector<Taken> taken;
  for (const Dim& size : x) {
    taken.push_back({.count = size.known() ? size.value() : 0});
  }
  bool sure = true;
  for (std::size_t i = 0; i < s.starts.size(); ++i) {
    const std::size_t axis = n.axis(s.axes[i], n.rank(0));
    const Cut cut = cut_of(x[axis], s.starts[i], s.ends[i], s.steps[i]);
    out[axis] = cut.count;
    sure = sure && cut.first.known() && cut.count.known();
    if (sure) {
      taken[axis] = {cut.first.value(), s.steps[i], cut.count.value()};
    }
  }
  Contents content = s.starts.empty() ? n.in(0).content
                     : sure           ? cut_content(n.content(0), x, taken)
                                      : nullptr;
  n.set(0, n.in(0).elem, std::move(out), std::move(content));
}

/// Sizes: an attribute below opset 13, an input since, or equal parts, the last one smaller.
Dims split_sizes(const NodeView& n, const Dim& whole) {
  if (const auto given = n.integers_of("split"); !given.empty()) {
    return {given.begin(), given.end()};
  }
  if (n.has(1)) {
    return n.integers(1);
  }
  const auto parts = static_cast<std::int64_t>(n.proto.outputs.size());
  const Dim each = ceil_divide(whole, parts);
  Dims sizes(n.proto.outputs.size(), each);
  if (!sizes.empty()) {
    sizes.back() = whole.known() ? whole - each * (parts - 1) : each;
  }
  return sizes;
}

void infer_split(NodeView& n) {
  const Dims& x = n.dims(0);
  const std::size_t axis = n.axis(n.integer("axis", 0), n.rank(0));
  const Dims sizes = split_sizes(n, x[axis]);
  if (sizes.size() < n.outputs.size()) {
    bad_input("{} sizes for {} results", sizes.size(), n.outputs.size());
  }
  std::size_t first = 0;
  for (std::size_t i = 0; i < n.outputs.size(); ++i) {
    Dims out = x;
    out[axis] = sizes[i];
    Contents content;
    const Content* from = n.content(0);
    if (from != nullptr && x.size() == 1 && sizes[i].known() && sizes[i].value() >= 0 &&
        first + static_cast<std::size_t>(sizes[i].value()) <= from->size()) {
      Content part{from->real, {}, {}};
      for (std::int64_t e = 0; e < sizes[i].value(); ++e) {
        append_element(part, *from, first++);
      }
      content = std::make_shared<const Content>(std::move(part));
    }
    n.set(i, n.in(0).elem, std::move(out), std::move(content));
  }
}

/// Pads: an attribute below opset 11, an input since, with axes since 18.
void infer_pad(NodeView& n) {
  Dims out = n.dims(0);
  std::vector<std::int64_t> given = n.integers_of(n.opset < 2 ? "paddings" : "pads");
  const Dims pads = given.empty() ? n.integers(1) : Dims(given.begin(), given.end());
  std::vector<std::int64_t> axes = n.has(3) ? n.known_integers(3) : std::vector<std::int64_t>{};
  for (std::size_t i = 0; axes.size() < out.size() && !n.has(3); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
  }
  if (pads.size() != 2 * axes.size()) {
    bad_input("pads has {} values for {} axes", pads.size(), axes.size());
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = n.axis(axes[i], n.rank(0));
    out[axis] = out[axis] + pads[i] + pads[axes.size() + i];
  }
  n.set(0, n.in(0).elem, std::move(out));
}

constexpr std::array slicing_rows{
    Operator{"", "Slice", infer_slice, lower_part},
    Operator{"", "Split", infer_split, lower_part},
    Operator{"", "Pad", infer_pad, lower_part},
    Operator{microsoft, "Pad", infer_pad, lower_part},
};

}  // namespace

std::span<const Operator> slicing_operators() { return slicing_rows; }

}  // namespace flopmeter::onnx
