#include "models/onnx/node.h"

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::onnx {

Contents integers_of(Dims values) {
  return std::make_shared<const Content>(Content{false, std::move(values), {}});
}
Contents reals_of(std::vector<double> values) {
  return std::make_shared<const Content>(Content{true, {}, std::move(values)});
}

void append_element(Content& to, const Content& from, std::size_t i) {
  if (from.real) {
    to.reals.push_back(from.reals.at(i));
  } else {
    to.integers.push_back(from.integers.at(i));
  }
}

SharedLowered::SharedLowered() {
  static const auto nothing = std::make_shared<const Lowered>();
  lowered_ = nothing;
}

Lowered moves(std::string_view how) { return {.layers = {}, .moves = how}; }
Lowered not_understood(std::string reason) { return {.reason = std::move(reason)}; }
Lowered one_layer(std::string_view layer,
                  std::vector<std::pair<std::string_view, std::int64_t>> fields) {
  Lowered lowered;
  lowered.layers.push_back({layer, std::move(fields)});
  return lowered;
}

std::string described(const NodeProto& node) {
  const std::string_view named = !node.name.empty()     ? node.name
                                 : node.outputs.empty() ? ""
                                                        : node.outputs.front();
  return fmt::format("node '{}' ({}{}{})", named, node.domain, node.domain.empty() ? "" : ".",
                     node.op);
}

std::string NodeView::name() const { return described(proto); }

const Tensor& NodeView::in(std::size_t i) const {
  if (!has(i)) {
    bad_input("input {} is missing", i);
  }
  return *inputs[i];
}

const Dims& NodeView::dims(std::size_t i) const {
  const Tensor& tensor = in(i);
  if (tensor.sequence) {
    throw Undetermined(fmt::format("its input '{}' is a sequence, no tensor", proto.inputs[i]));
  }
  if (!tensor.dims) {
    throw Undetermined(fmt::format("the shape of its input '{}' is not known", proto.inputs[i]));
  }
  return *tensor.dims;
}

std::vector<std::int64_t> known_sizes(const Dims& dims) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(dims.size());
  for (const Dim& dim : dims) {
    if (!dim.known()) {
      throw Undetermined(fmt::format("'{}' is known during a run only", dim.text()));
    }
    sizes.push_back(dim.value());
  }
  return sizes;
}

std::int64_t product_of(const std::vector<std::int64_t>& sizes, std::size_t from, std::size_t to) {
  std::int64_t product = 1;
  for (std::size_t i = from; i < to; ++i) {
    product = checked_multiply(product, sizes[i]);
  }
  return product;
}

std::vector<std::int64_t> NodeView::sizes(std::size_t i) const { return known_sizes(dims(i)); }

std::vector<std::int64_t> NodeView::output_sizes(std::size_t i) const {
  if (i >= outputs.size() || !outputs[i].dims) {
    throw Undetermined("the shape of its result is not known");
  }
  return known_sizes(*outputs[i].dims);
}

std::int64_t NodeView::count(std::size_t i) const {
  const auto all = sizes(i);
  return product_of(all, 0, all.size());
}

std::int64_t NodeView::output_count(std::size_t i) const {
  const auto all = output_sizes(i);
  return product_of(all, 0, all.size());
}

const Content* NodeView::content(std::size_t i) const {
  return has(i) ? inputs[i]->content.get() : nullptr;
}

const Dims& NodeView::integers(std::size_t i) const {
  in(i);
  const Content* known = content(i);
  if (known == nullptr) {
    throw Undetermined(
        fmt::format("the values of its input '{}' are known during a run only", proto.inputs[i]));
  }
  if (known->real) {
    bad_input("input {} ('{}') holds real numbers, not integers", i, proto.inputs[i]);
  }
  return known->integers;
}

std::vector<std::int64_t> NodeView::known_integers(std::size_t i) const {
  return known_sizes(integers(i));
}

const AttributeProto* NodeView::attribute(std::string_view wanted) const {
  const auto found = std::ranges::find(proto.attributes, wanted, &AttributeProto::name);
  return found == proto.attributes.end() ? nullptr : &*found;
}

const AttributeProto* NodeView::attribute(std::string_view wanted, AttributeType type) const {
  const AttributeProto* found = attribute(wanted);
  // Old files do not say which type an attribute has.
  if (found != nullptr && found->type != 0 && found->type != static_cast<int>(type)) {
    bad_input("attribute '{}' has type {}, not {}", wanted, found->type, static_cast<int>(type));
  }
  return found;
}

std::int64_t NodeView::integer(std::string_view wanted, std::int64_t otherwise) const {
  const AttributeProto* found = attribute(wanted, AttributeType::integer);
  return found == nullptr ? otherwise : found->integer();
}

double NodeView::real(std::string_view wanted, double otherwise) const {
  const AttributeProto* found = attribute(wanted, AttributeType::real);
  return found == nullptr ? otherwise : found->real();
}

std::string_view NodeView::text(std::string_view wanted, std::string_view otherwise) const {
  const AttributeProto* found = attribute(wanted, AttributeType::text);
  return found == nullptr ? otherwise : found->text();
}

std::vector<std::int64_t> NodeView::integers_of(std::string_view wanted) const {
  const AttributeProto* found = attribute(wanted, AttributeType::integers);
  return found == nullptr ? std::vector<std::int64_t>{} : found->integers();
}

std::vector<double> NodeView::reals_of(std::string_view wanted) const {
  const AttributeProto* found = attribute(wanted, AttributeType::reals);
  return found == nullptr ? std::vector<double>{} : found->reals();
}

std::int64_t NodeView::required(std::string_view wanted) const {
  const AttributeProto* found = attribute(wanted, AttributeType::integer);
  if (found == nullptr) {
    bad_input("attribute '{}' is missing", wanted);
  }
  return found->integer();
}

std::size_t NodeView::axis(std::int64_t given, std::int64_t rank) const {
  const std::int64_t from_front = given < 0 ? given + rank : given;
  if (from_front < 0 || from_front >= rank) {
    bad_input("axis {} of a tensor of {} dimensions", given, rank);
  }
  return static_cast<std::size_t>(from_front);
}

void NodeView::set(std::size_t i, Elem elem, Dims dims, Contents content) {
  if (i >= outputs.size()) {
    return;
  }
  if (dims.size() > max_rank) {
    bad_input("its result has {} dimensions: at most {} are read", dims.size(), max_rank);
  }
  for (const Dim& dim : dims) {
    if (dim.known() && dim.value() < 0) {
      bad_input("its result has a dimension of {}", dim.value());
    }
  }
  elements_of(dims);  // must fit
  outputs[i].elem = elem;
  outputs[i].dims = std::move(dims);
  outputs[i].content = std::move(content);
}

}  // namespace flopmeter::onnx
