// Where the numbers of a network's inputs and constants come from: the file, what was computed of it, a seed.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"
#include "models/onnx/bind/binder.h"
#include "models/onnx/content.h"
#include "models/onnx/given.h"
#include "models/onnx/whole_numbers.h"

namespace flopmeter::onnx {
namespace {

/// What leaves the order of its input's elements alone or takes them apart: drawn numbers may come
/// from behind it.
constexpr std::array passing_on{"Identity", "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Slice",
                                "Concat",   "Flatten",   "Cast",    "Expand",    "Gather"};

std::int64_t elements_in(const std::vector<std::int64_t>& dims) {
  return product_of(dims, 0, dims.size());
}

}  // namespace

std::vector<std::int64_t> dims_of(const Tensor& tensor) {
  if (!tensor.dims || tensor.sequence) {
    bad_input("the dimensions of a tensor are known during a run only");
  }
  return known_sizes(*tensor.dims);
}

TensorId NetworkBuilder::constant(std::string name, std::vector<std::int64_t> dims,
                                  Numbers numbers) {
  made_.numbers.push_back(std::move(numbers));
  const TensorId id = made_.network.add_tensor(
      {.name = unique(std::move(name)), .dims = std::move(dims), .lifetime = Lifetime::constant});
  note(id, Elem::undefined);
  return id;
}

void NetworkBuilder::draw(int of_graph, const Range& range) {
  const int writer = graph().tensors[static_cast<std::size_t>(of_graph)].writer;
  if (writer != nobody) {
    const GraphNode& node = graph().nodes[static_cast<std::size_t>(writer)];
    if (std::ranges::find(passing_on, node.proto->op) != passing_on.end()) {
      const std::size_t sources = node.proto->op == "Concat" ? node.inputs.size() : 1;
      for (std::size_t i = 0; i < sources; ++i) {
        draw(node.inputs[i], range);
      }
    }
    return;
  }
  if (range.below == 0 && range.low != range.high && !is_float(known(of_graph).elem)) {
    return;
  }
  Range& drawn = source_->ranges.try_emplace(of_graph, range).first->second;
  if (range.below > 0 && drawn.below > 0) {
    drawn.below = std::min(drawn.below, range.below);
  }
}

/// Drawn when they are asked for: what reads them has said by then where from.
Numbers NetworkBuilder::numbers_of_constant(int of_graph) {
  const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
  const std::int64_t count = elements_in(dims_of(tensor.known));
  const auto drawn = [source = source_, of_graph, count, name = std::string(tensor.name)] {
    const auto found = source->ranges.find(of_graph);
    return models::random_numbers(name, source->seed, count,
                                  found == source->ranges.end() ? Range{} : found->second);
  };
  const bool whole = is_integer(tensor.known.elem);
  if (tensor.known.content != nullptr) {
    if (whole) {
      require_exact(numbers_of(*tensor.known.content, static_cast<std::size_t>(count), tensor.name),
                    tensor.name);
    }
    return [content = tensor.known.content, count, name = std::string(tensor.name)] {
      return onnx::numbers_of(*content, static_cast<std::size_t>(count), name);
    };
  }
  std::shared_ptr<const TensorProto> stored;
  if (tensor.writer != nobody) {
    const NodeProto& node = *graph().nodes[static_cast<std::size_t>(tensor.writer)].proto;
    for (const AttributeProto& attribute : node.attributes) {
      if (auto value = attribute.tensor()) {
        stored = std::make_shared<TensorProto>(std::move(*value));
      }
    }
    if (stored == nullptr && node.op != "ConstantOfShape") {
      bad_input("{} makes a constant that is not read yet", described(node));
    }
  } else if (tensor.data != nullptr) {
    stored = {source_, tensor.data};
  }
  if (stored == nullptr && tensor.writer != nobody) {
    return [count] { return std::vector<float>(static_cast<std::size_t>(count), 0); };
  }
  if (auto numbers = stored == nullptr ? given(of_graph) : std::nullopt) {
    return [all = std::make_shared<const std::vector<float>>(std::move(*numbers))] { return *all; };
  }
  if (stored == nullptr || stored->external) {
    std::string none;
    const bool there = stored != nullptr && source_->external.read(*stored, 0, none);
    made_.random_weights = made_.random_weights || !there;
  }
  if (stored == nullptr) {
    return drawn;
  }
  if (whole) {
    if (const auto numbers = read_numbers(*stored, source_->external)) {
      require_exact(*numbers, tensor.name);
    }
  }
  return [source = source_, stored, drawn, count] {
    auto numbers = read_numbers(*stored, source->external);
    if (numbers && numbers->size() == 1 && count != 1) {
      numbers->resize(static_cast<std::size_t>(count), numbers->front());  // ConstantOfShape
    }
    return numbers ? std::move(*numbers) : drawn();
  };
}

void NetworkBuilder::add_source(int of_graph, Lifetime lifetime, Numbers numbers) {
  const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
  made_.numbers.push_back(std::move(numbers));
  // A result that is the same in every run is a copy of it, and has the name.
  const bool copied =
      lifetime == Lifetime::constant && leaves_[static_cast<std::size_t>(of_graph)] != nobody;
  const std::string name = std::string(tensor.name) + (copied ? ":constant" : "");
  const TensorId id = made_.network.add_tensor({.name = unique(name),
                                                .dims = dims_of(tensor.known),
                                                .lifetime = lifetime,
                                                .domain = domain_of(tensor.known.elem)});
  note(id, tensor.known.elem);
  ids_[of_graph] = id;
}

TensorId NetworkBuilder::tensor(int of_graph) {
  if (of_graph == nobody) {
    bad_input("one of its inputs is missing");
  }
  if (!ids_.contains(of_graph)) {
    if (!known(of_graph).constant && known(of_graph).content == nullptr) {
      bad_input("its input '{}' is made by a node that does not run",
                graph().tensors[static_cast<std::size_t>(of_graph)].name);
    }
    add_source(of_graph, Lifetime::constant, numbers_of_constant(of_graph));
  }
  return ids_.at(of_graph);
}

std::optional<std::vector<float>> NetworkBuilder::given(int of_graph) const {
  const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
  const auto found = source_->given.find(tensor.name);
  if (found == source_->given.end() || tensor.writer != nobody) {
    return std::nullopt;
  }
  const std::vector<double> numbers = given_numbers(tensor.name, found->second, tensor.known.elem,
                                                    dims_of(tensor.known), source_->batch);
  return std::vector<float>(numbers.begin(), numbers.end());
}

/// Places that are given lie in what is looked up.
void NetworkBuilder::require_places() const {
  for (const auto& [of_graph, range] : source_->ranges) {
    const auto numbers = range.below > 0 ? given(of_graph) : std::nullopt;
    for (const float number : numbers.value_or(std::vector<float>{})) {
      const auto below = static_cast<float>(range.below);
      if (number >= below || number < -below) {
        bad_input("--input {}: {} is no place among {}",
                  graph().tensors[static_cast<std::size_t>(of_graph)].name, number, range.below);
      }
    }
  }
}

void NetworkBuilder::add_input(int of_graph) {
  const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
  const std::int64_t count = elements_in(dims_of(tensor.known));
  if (auto numbers = given(of_graph)) {
    made_.remarks.push_back(fmt::format("the input '{}' is {}", tensor.name,
                                        source_->given.find(tensor.name)->second.text));
    add_source(
        of_graph, Lifetime::input,
        [all = std::make_shared<const std::vector<float>>(std::move(*numbers))] { return *all; });
    return;
  }
  add_source(of_graph, Lifetime::input,
             [source = source_, of_graph, count, whole = !is_float(tensor.known.elem),
              name = std::string(tensor.name)] {
               const auto found = source->ranges.find(of_graph);
               const Range otherwise = whole ? Range{1, 1, 0} : Range{-1, 1, 0};
               return models::random_numbers(
                   name, source->seed, count,
                   found == source->ranges.end() ? otherwise : found->second);
             });
}

}  // namespace flopmeter::onnx
