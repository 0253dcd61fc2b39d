// Tensors out of nothing: constants, ranges, random numbers.
#include <array>
#include <cmath>

#include "models/onnx/content.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

Lowered lower_constant(const NodeView&) { return moves("constant"); }

Lowered lower_random(const NodeView& n) {
  return not_understood(
      fmt::format("{} draws random numbers: their arithmetic is not counted", n.proto.op));
}

void set_constant(NodeView& n, Elem elem, Dims dims, Contents content) {
  n.set(0, elem, std::move(dims), std::move(content));
  n.outputs.at(0).constant = true;
}

void infer_constant(NodeView& n) {
  for (const AttributeProto& a : n.proto.attributes) {
    const auto count = [](const auto& list) { return Dim(static_cast<std::int64_t>(list.size())); };
    if (a.name == "value" || a.name == "sparse_value") {
      if (const auto stored = a.tensor()) {
        return set_constant(n, stored->elem, {stored->dims.begin(), stored->dims.end()},
                            read_content(*stored, nullptr));
      }
    }
    if (a.name == "value_int") {
      return set_constant(n, Elem::s64, {}, integers_of({a.integer()}));
    }
    if (a.name == "value_ints") {
      const auto all = a.integers();
      return set_constant(n, Elem::s64, {count(all)}, integers_of({all.begin(), all.end()}));
    }
    if (a.name == "value_float") {
      return set_constant(n, Elem::f32, {}, reals_of({a.real()}));
    }
    if (a.name == "value_floats") {
      auto all = a.reals();
      return set_constant(n, Elem::f32, {count(all)}, reals_of(std::move(all)));
    }
    if (a.name == "value_string" || a.name == "value_strings") {
      return set_constant(n, Elem::string,
                          a.name == "value_string" ? Dims{} : Dims{count(a.texts())}, nullptr);
    }
  }
  bad_input("it has no value");
}

void infer_constant_of_shape(NodeView& n) {
  const Dims& dims = n.integers(0);
  const AttributeProto* value = n.attribute("value");
  const auto stored = value == nullptr ? std::nullopt : value->tensor();
  const Elem elem = stored ? stored->elem : Elem::f32;
  Contents one = stored ? read_content(*stored, nullptr) : reals_of({0});
  const Dim count = elements_of(dims);
  Contents all;
  if (one != nullptr && one->size() == 1 && count.known() && count.value() >= 0 &&
      count.value() <= max_content) {
    const auto size = static_cast<std::size_t>(count.value());
    all = one->real ? reals_of(std::vector<double>(size, one->reals[0]))
                    : integers_of(Dims(size, one->integers[0]));
  }
  n.set(0, elem, dims, std::move(all));
}

void infer_real_range(NodeView& n, const Content& start, const Content& limit,
                      const Content& delta) {
  const double from = start.reals.at(0);
  const double step = delta.reals.at(0);
  const double count = std::ceil((limit.reals.at(0) - from) / step);
  if (!(count < 9e15)) {
    bad_input("a range of {} elements", count);
  }
  const auto size = static_cast<std::int64_t>(std::max(count, 0.0));
  const Elem elem = n.in(0).elem;
  Contents values;
  if (size <= max_content && (elem == Elem::f32 || elem == Elem::f64)) {
    std::vector<double> all;
    for (std::int64_t i = 0; i < size; ++i) {
      const double value = from + static_cast<double>(i) * step;
      all.push_back(elem == Elem::f32 ? static_cast<double>(static_cast<float>(value)) : value);
    }
    values = reals_of(std::move(all));
  }
  n.set(0, elem, {size}, std::move(values));
}

void infer_range(NodeView& n) {
  const Content* start = n.content(0);
  const Content* limit = n.content(1);
  const Content* delta = n.content(2);
  if (start == nullptr || limit == nullptr || delta == nullptr || start->size() != 1 ||
      limit->size() != 1 || delta->size() != 1) {
    n.set(0, n.in(0).elem, {Dim::unknown(fmt::format("{}.count", n.proto.outputs.at(0)))});
    return;
  }
  if (start->real) {
    return infer_real_range(n, *start, *limit, *delta);
  }
  const Dim step = delta->integers[0];
  Dim count = ceil_divide(limit->integers[0] - start->integers[0], step);
  Contents values;
  if (count.known() && step.known()) {
    count = std::max<std::int64_t>(count.value(), 0);
    if (count.value() <= max_content) {
      Dims all;
      for (std::int64_t i = 0; i < count.value(); ++i) {
        all.push_back(start->integers[0] + step * i);
      }
      values = integers_of(std::move(all));
    }
  }
  n.set(0, n.in(0).elem, {count}, std::move(values));
}

Elem dtype_or(const NodeView& n, Elem otherwise) {
  const AttributeProto* dtype = n.attribute("dtype");
  return dtype == nullptr ? otherwise
                          : static_cast<Elem>(static_cast<std::int32_t>(dtype->integer()));
}

void infer_eye(NodeView& n) {
  const Tensor& like = n.in(0);
  n.set(0, dtype_or(n, like.elem), n.dims(0));
}

void infer_random(NodeView& n) {
  const auto shape = n.integers_of("shape");
  n.set(0, dtype_or(n, Elem::f32), {shape.begin(), shape.end()});
}

void infer_random_like(NodeView& n) { n.set(0, dtype_or(n, n.in(0).elem), n.dims(0)); }

void infer_multinomial(NodeView& n) {
  n.set(0, dtype_or(n, Elem::s32), {n.dims(0).at(0), n.integer("sample_size", 1)});
}

void infer_one_hot(NodeView& n) {
  Dims out = n.dims(0);
  const std::int64_t rank = n.rank(0) + 1;
  const std::size_t axis = n.axis(n.integer("axis", -1), rank);
  Dim depth = Dim::unknown(fmt::format("{}.depth", n.proto.outputs.at(0)));
  if (const Content* known = n.content(1); known != nullptr && known->size() == 1) {
    depth = known->real ? Dim(static_cast<std::int64_t>(known->reals[0])) : known->integers[0];
  }
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  n.set(0, n.in(2).elem, std::move(out));
}

Lowered lower_one_hot(const NodeView&) { return moves("scatter"); }

/// Functions of a length alone: computed once.
void infer_window(NodeView& n) {
  Dim size = Dim::unknown(fmt::format("{}.size", n.proto.outputs.at(0)));
  if (n.content(0) != nullptr) {
    size = n.integers(0).at(0);
  }
  n.set(0, static_cast<Elem>(n.integer("output_datatype", 1)), {size});
}

/// As ONNX defines all three: a0 - (a1 * cos(x) + a2 * cos(2 * x)), x a multiple of an angle.
Lowered lower_window(const NodeView& n) {
  const std::int64_t size = n.output_count();
  Lowered lowered;
  for (const std::string_view term : {"1", "2"}) {
    lowered.layers.push_back(binary_use("mul", {size}, {1}, fmt::format("angle{}", term)));
    lowered.layers.push_back(unary_use("cos", size, fmt::format("cos{}", term)));
    lowered.layers.push_back(binary_use("mul", {size}, {1}, fmt::format("term{}", term)));
  }
  lowered.layers.push_back(binary_use("add", {size}, {size}, "sum"));
  lowered.layers.push_back(binary_use("sub", {1}, {size}, "window"));
  return lowered;
}

Lowered lower_uncounted_matrix(const NodeView& n) {
  return not_understood(fmt::format("no layer counts {}", n.proto.op));
}

void infer_mel(NodeView& n) {
  n.set(0, static_cast<Elem>(n.integer("output_datatype", 1)),
        {floor_divide(n.integers(1).at(0), 2) + 1, n.integers(0).at(0)});
}

constexpr std::array generator_rows{
    Operator{"", "Constant", infer_constant, lower_constant},
    Operator{"", "ConstantOfShape", infer_constant_of_shape, lower_constant},
    Operator{"", "Range", infer_range, lower_constant},
    Operator{"", "EyeLike", infer_eye, lower_constant},
    Operator{"", "OneHot", infer_one_hot, lower_one_hot},
    Operator{"", "RandomNormal", infer_random, lower_random},
    Operator{"", "RandomUniform", infer_random, lower_random},
    Operator{"", "RandomNormalLike", infer_random_like, lower_random},
    Operator{"", "RandomUniformLike", infer_random_like, lower_random},
    Operator{"", "Bernoulli", infer_random_like, lower_random},
    Operator{"", "Multinomial", infer_multinomial, lower_random},
    Operator{"", "HannWindow", infer_window, lower_window},
    Operator{"", "HammingWindow", infer_window, lower_window},
    Operator{"", "BlackmanWindow", infer_window, lower_window},
    Operator{"", "MelWeightMatrix", infer_mel, lower_uncounted_matrix},
};

}  // namespace

std::span<const Operator> generator_operators() { return generator_rows; }

}  // namespace flopmeter::onnx
