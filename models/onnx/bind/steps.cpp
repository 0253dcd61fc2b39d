#include "models/onnx/bind/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
Value Steps::in(std::size_t input) { return given(b_.in(input), b_.view.sizes(input)); }

Value Steps::given(TensorId id, Sizes dims) {
  entries_.push_back({.id = id});
  return {entries_.size() - 1, std::move(dims)};
}

Value Steps::constant(Sizes dims, std::vector<float> numbers) {
  const std::string name = fmt::format("{}:constant{}", b_.node.name, entries_.size());
  const TensorId id =
      b_.builder.constant(name, dims, [numbers = std::move(numbers)] { return numbers; });
  return given(id, std::move(dims));
}

Value Steps::layer(std::string_view name, std::string shape,
                   std::vector<std::pair<std::string, Value>> operands, Sizes dims) {
  Entry entry{.layer = name, .shape = std::move(shape)};
  for (const auto& [operand, value] : operands) {
    entry.operands.emplace_back(operand, value.at);
  }
  entries_.push_back(std::move(entry));
  return {entries_.size() - 1, std::move(dims)};
}

Value Steps::one(std::string_view name, const Value& x) {
  return layer(name, fmt::format("mb1ic{}", x.count()), {{"src", x}}, x.dims);
}

Value Steps::two(std::string_view name, const Value& a, const Value& b) {
  const Dims dims = broadcast({a.dims.begin(), a.dims.end()}, {b.dims.begin(), b.dims.end()});
  return layer(name, binary_use(name, a.dims, b.dims).text, {{"src0", a}, {"src1", b}},
               known_sizes(dims));
}

Value Steps::where(const Value& condition, const Value& yes, const Value& no) {
  Dims all(condition.dims.begin(), condition.dims.end());
  for (const Value* value : {&yes, &no}) {
    all = broadcast(all, {value->dims.begin(), value->dims.end()});
  }
  std::string shape;
  for (const Value* value : {&condition, &yes, &no}) {
    Sizes sizes = value->dims;
    sizes.insert(sizes.begin(), std::max<std::size_t>(all.size(), 1) - sizes.size(), 1);
    shape += (shape.empty() ? "" : ":") + shape_text(sizes);
  }
  return layer("where", shape, {{"src0", condition}, {"src1", yes}, {"src2", no}},
               known_sizes(all));
}

Value Steps::reduce(std::string_view name, const Value& x, const std::vector<std::size_t>& axes) {
  Sizes dims = x.dims;
  for (const std::size_t axis : axes) {
    dims[axis] = 1;
  }
  return layer(name, shape_text(x.dims) + ":" + shape_text(dims), {{"src", x}}, dims);
}

Value Steps::transpose(const Value& x, const std::vector<std::size_t>& order) {
  Sizes dims;
  for (const std::size_t axis : order) {
    dims.push_back(x.dims[axis]);
  }
  return layer("transpose", shape_text(x.dims) + ":" + shape_text({order.begin(), order.end()}),
               {{"src", x}}, dims);
}

Value Steps::slice(const Value& x, Sizes dims, const Sizes& first, const Sizes& stride) {
  std::string shape = fmt::format("{}:{}:{}:{}", shape_text(x.dims), shape_text(dims),
                                  shape_text(first), shape_text(stride));
  return layer("slice", std::move(shape), {{"src", x}}, std::move(dims));
}

Value Steps::concat(const Value& a, const Value& b, std::size_t axis) {
  const std::int64_t before = product_of(a.dims, 0, axis);
  Sizes dims = a.dims;
  dims[axis] += b.dims[axis];
  return layer("concat", fmt::format("mb{}a{}b{}", before, a.count() / before, b.count() / before),
               {{"src0", a}, {"src1", b}}, dims);
}

Value Steps::gather(const Value& x, std::size_t axis, const Value& places) {
  Sizes dims(x.dims.begin(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), places.dims.begin(), places.dims.end());
  dims.insert(dims.end(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.dims.end());
  std::string shape = fmt::format("mb{}n{}m{}dim{}", product_of(x.dims, 0, axis), x.dims[axis],
                                  places.count(), product_of(x.dims, axis + 1, x.dims.size()));
  return layer("gather", std::move(shape), {{"src", x}, {"indices", places}}, std::move(dims));
}

Value Steps::rounded(const Value& x, const std::optional<Value>& zero, Elem elem) {
  if (!is_integer(elem) || elem == Elem::boolean || bits_of(elem) > 16) {
    bad_input("to {} it is not run", to_string(elem));
  }
  const IntegerRange range = range_of(elem);
  Value y = one("round", x);
  y = zero ? two("add", y, *zero) : y;
  return two("min", two("max", y, range.low), range.high);
}

TensorId Steps::make(std::size_t at, int output) {
  Operands operands;
  for (const auto& [operand, from] : entries_[at].operands) {
    operands.emplace_back(operand, entries_[from].id ? *entries_[from].id : make(from, nobody));
  }
  const Entry& entry = entries_[at];
  const std::string suffix = output == nobody ? fmt::format("{}.{}", entry.layer, at) : "";
  entries_[at].id =
      b_.builder.add(b_.node, suffix, entry.layer, entry.shape, operands, {{"dst", output}});
  return *entries_[at].id;
}

TensorId Steps::id(const Value& value) {
  return entries_[value.at].id ? *entries_[value.at].id : make(value.at, nobody);
}

void Steps::finish(const Value& value, std::size_t output) {
  const Value made = entries_[value.at].id ? one("cast", value) : value;
  make(made.at, b_.node.outputs.at(output));
}

}  // namespace flopmeter::onnx
