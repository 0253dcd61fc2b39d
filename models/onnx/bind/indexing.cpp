// Look-ups and selections of a graph as nodes of a network. Tuples of places become places in the tensor as one
// row, which are counted in f32: tensors of 2^24 elements and more are refused.
#include <algorithm>
#include <array>
#include <numeric>

#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

constexpr std::int64_t first_inexact_place = 1 << 24;

void require_exact_places(std::int64_t rows) {
  if (rows >= first_inexact_place) {
    bad_input("places in {} rows: f32, in which networks run, cannot tell so many apart", rows);
  }
}

/// Those that count from the end.
Value from_front(Steps& steps, const Value& places, const Value& sizes) {
  return steps.where(steps.two("less", places, 0), steps.two("add", places, sizes), places);
}

/// Inputs are drawn from the front; what is given, stored or computed may count from the end.
bool may_be_negative(const Binding& b, std::size_t input) {
  const auto negative = [](float place) { return place < 0; };
  const int tensor = b.node.inputs[input];
  if (const auto given = b.builder.given(tensor)) {
    return std::ranges::any_of(*given, negative);
  }
  const Content* content = b.view.content(input);
  if (content != nullptr && !content->real && all_known(content->integers)) {
    return std::ranges::any_of(content->integers, [](const Dim& d) { return d.value() < 0; });
  }
  if (b.builder.is_constant(b.in(input))) {
    return std::ranges::any_of(b.builder.numbers(b.in(input))(), negative);
  }
  return b.builder.graph().tensors[static_cast<std::size_t>(tensor)].writer != nobody;
}

Value places_from_front(const Binding& b, Steps& steps, std::int64_t rows) {
  require_exact_places(rows);
  const Value places = steps.in(1);
  return may_be_negative(b, 1) ? from_front(steps, places, steps.number(static_cast<double>(rows)))
                               : places;
}

void bind_gather(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  b.draw(1, {0, 0, x[axis]});
  Steps steps(b);
  const Value places = places_from_front(b, steps, x[axis]);
  if (!b.lowered.layers.empty()) {
    b.add({{"src", steps.id(places)}, {"weights", b.in(0)}});
    return;
  }
  steps.finish(steps.gather(steps.in(0), axis, places));
}

/// Elements from one step along each axis to the next.
Sizes strides_of(const Sizes& dims) {
  Sizes strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * dims[i];
  }
  return strides;
}

std::vector<float> as_floats(const Sizes& numbers) { return {numbers.begin(), numbers.end()}; }

/// Places along one axis as places in the whole tensor.
Value element_places(const Binding& b, Steps& steps, const Sizes& x, std::size_t axis) {
  const Sizes strides = strides_of(x);
  require_exact_places(product_of(x, 0, x.size()));
  b.draw(1, {0, 0, x[axis]});
  const Value given = steps.in(1);
  std::vector<float> others;
  for (std::int64_t i = 0; i < given.count(); ++i) {
    std::int64_t rest = i;
    std::int64_t at = 0;
    for (std::size_t d = given.dims.size(); d-- > 0;) {
      at += d == axis ? 0 : rest % given.dims[d] * strides[d];
      rest /= given.dims[d];
    }
    others.push_back(static_cast<float>(at));
  }
  const Value front = from_front(steps, given, steps.number(static_cast<double>(x[axis])));
  const Value along = steps.two("mul", front, static_cast<double>(strides[axis]));
  return steps.two("add", along, steps.constant(given.dims, std::move(others)));
}

Value flat(const Value& x) { return Steps::view(x, {x.count()}); }

void bind_gather_elements(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  const Value places = element_places(b, steps, x.dims, axis);
  steps.finish(steps.gather(flat(x), 0, places));
}

/// Rows of the tensor that tuples of places name, `batch` of the dimensions before them counted along.
struct Rows {
  Value places;
  std::int64_t rows, length;
};

Rows tuple_rows(Steps& steps, const Sizes& x, const Value& tuples, std::size_t batch) {
  const auto used = static_cast<std::size_t>(tuples.dims.back());
  const Sizes named(x.begin() + static_cast<std::ptrdiff_t>(batch),
                    x.begin() + static_cast<std::ptrdiff_t>(batch + used));
  const std::int64_t rows = product_of(x, 0, batch + used);
  require_exact_places(rows);
  const Value sizes = steps.constant({tuples.dims.back()}, as_floats(named));
  const Value strides = steps.constant({tuples.dims.back()}, as_floats(strides_of(named)));
  const Value weighted = steps.two("mul", from_front(steps, tuples, sizes), strides);
  Value places = steps.reduce("reduce_sum", weighted, {tuples.dims.size() - 1});
  places.dims.pop_back();
  if (batch > 0) {
    const std::int64_t samples = product_of(x, 0, batch);
    std::vector<float> first;
    for (std::int64_t i = 0; i < samples; ++i) {
      first.push_back(static_cast<float>(i * product_of(named, 0, named.size())));
    }
    const Value grouped = Steps::view(places, {samples, places.count() / samples});
    const Sizes dims = places.dims;
    places = Steps::view(steps.two("add", grouped, steps.constant({samples, 1}, std::move(first))),
                         dims);
  }
  return {places, rows, product_of(x, batch + used, x.size())};
}

void bind_gather_nd(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const Rows at = tuple_rows(steps, x.dims, steps.in(1),
                             static_cast<std::size_t>(b.view.integer("batch_dims", 0)));
  steps.finish(steps.gather(Steps::view(x, {at.rows, at.length}), 0, at.places));
}

std::string_view scatter_layer(const Binding& b) {
  const std::string_view reduction = b.view.text("reduction", "none");
  if (reduction != "none" && reduction != "add") {
    bad_input("with a reduction by '{}' it is not run", reduction);
  }
  return reduction == "none" ? "scatter" : "scatter_add";
}

void finish_scatter(const Binding& b, Steps& steps, const Rows& at) {
  const Value x = steps.in(0);
  steps.finish(steps.layer(scatter_layer(b),
                           fmt::format("n{}m{}dim{}", at.rows, at.places.count(), at.length),
                           {{"src", x}, {"indices", at.places}, {"updates", steps.in(2)}}, x.dims));
}

void bind_scatter_nd(const Binding& b) {
  Steps steps(b);
  finish_scatter(b, steps, tuple_rows(steps, b.view.sizes(0), steps.in(1), 0));
}

void bind_scatter_elements(const Binding& b) {
  Steps steps(b);
  const Sizes x = b.view.sizes(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  const Value places = element_places(b, steps, x, axis);
  finish_scatter(b, steps, {places, product_of(x, 0, x.size()), 1});
}

/// Off and on, where the place is that of the new axis.
void bind_one_hot(const Binding& b) {
  Steps steps(b);
  const Value places = steps.in(0);
  const Sizes y = b.view.output_sizes();
  const std::size_t axis = b.view.axis(b.view.integer("axis", -1), b.view.rank(0) + 1);
  b.draw(0, {0, 0, y[axis]});
  Sizes wide = places.dims;
  wide.insert(wide.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  Sizes line(y.size(), 1);
  line[axis] = y[axis];
  std::vector<float> numbers(static_cast<std::size_t>(y[axis]));
  std::iota(numbers.begin(), numbers.end(), 0.0F);
  const Value front = from_front(steps, places, steps.number(static_cast<double>(y[axis])));
  const Value hot =
      steps.two("equal", Steps::view(front, wide), steps.constant(line, std::move(numbers)));
  const Value values = steps.in(2);
  const auto value = [&](std::int64_t i) { return steps.slice(values, {1}, {i}, {1}); };
  steps.finish(steps.where(hot, value(1), value(0)));
}

/// The largest first; the smallest are the largest of what is turned round.
void bind_top_k(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", -1), b.view.rank(0));
  const bool largest = b.view.integer("largest", 1) != 0;
  const std::int64_t k = b.view.output_sizes()[axis];
  const Sizes folded{product_of(x.dims, 0, axis), x.dims[axis],
                     product_of(x.dims, axis + 1, x.dims.size())};
  Value rows = Steps::view(x, folded);
  rows = folded[2] == 1 ? rows : steps.transpose(rows, {0, 2, 1});
  rows = largest ? rows : steps.one("neg", rows);
  const std::string shape = fmt::format("mb{}n{}m{}", folded[0] * folded[2], folded[1], k);
  const Operands operands{{"src", steps.id(rows)}};
  if (largest && folded[2] == 1) {
    Results results{{"dst", b.node.outputs.at(0)}};
    if (b.view.wants(1)) {
      results.emplace_back("places", b.node.outputs[1]);
    }
    b.builder.add(b.node, "", "topk", shape, operands, results);
    return;
  }
  const Sizes found{folded[0], folded[2], k};
  const std::vector<TensorId> made = b.builder.add_all(b.node, "topk", "topk", shape, operands,
                                                       {{"dst", nobody}, {"places", nobody}});
  const auto finish = [&](std::size_t output, bool turned) {
    if (!b.view.wants(output)) {
      return;
    }
    Value y = steps.given(made[output], found);
    y = turned ? steps.one("neg", y) : y;
    steps.finish(folded[2] == 1 ? y : steps.transpose(y, {0, 2, 1}), output);
  };
  finish(0, !largest);
  finish(1, false);
}

constexpr std::array index_rows{
    Binder{"", "Gather", bind_gather},
    Binder{"", "GatherElements", bind_gather_elements},
    Binder{"", "GatherND", bind_gather_nd},
    Binder{"", "ScatterND", bind_scatter_nd},
    Binder{"", "ScatterElements", bind_scatter_elements},
    Binder{"", "Scatter", bind_scatter_elements},
    Binder{"", "OneHot", bind_one_hot},
    Binder{"", "TopK", bind_top_k},
};

}  // namespace

std::span<const Binder> index_binders() { return index_rows; }

}  // namespace flopmeter::onnx
