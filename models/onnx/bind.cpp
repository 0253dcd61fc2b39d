#include "models/onnx/bind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"
#include "models/chain/run_node.h"
#include "models/onnx/content.h"

namespace flopmeter::onnx {
namespace {

/// What leaves the order of its input's elements alone or takes them apart: drawn numbers may come
/// from behind it.
constexpr std::array passing_on{"Identity", "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Slice",
                                "Concat",   "Flatten",   "Cast",    "Expand",    "Gather"};

/// Of what is the same in every run it is not said that it is one.
constexpr std::array view_operators{"Identity", "Reshape", "Unsqueeze",
                                    "Squeeze",  "Flatten", "Dropout"};

/// A view of its input, as the network sees it: all its numbers are floating-point ones.
bool is_view(const Graph& graph, const GraphNode& node) {
  if (node.inputs.empty() || node.inputs[0] == nobody || node.outputs.empty()) {
    return false;
  }
  const bool unchanged =
      node.folded && std::ranges::find(view_operators, node.proto->op) != view_operators.end();
  if (node.lowered.moves == "view" || unchanged) {
    return true;
  }
  const auto elem = [&](int tensor) {
    return graph.tensors[static_cast<std::size_t>(tensor)].known.elem;
  };
  return node.proto->op == "Cast" && is_float(elem(node.outputs[0]));
}

std::vector<std::int64_t> dims_of(const Tensor& tensor) {
  if (!tensor.dims || tensor.sequence) {
    bad_input("the dimensions of a tensor are known during a run only");
  }
  return known_sizes(*tensor.dims);
}

std::int64_t count_of(const std::vector<std::int64_t>& dims) {
  return product_of(dims, 0, dims.size());
}

/// The result of a node that reads nothing but constants.
struct Computed {
  Node node;
  std::map<TensorId, Numbers> inputs;
  TensorId result;
  std::size_t count;

  std::vector<float> operator()() const {
    std::map<TensorId, std::vector<float>> data;
    for (const auto& [id, numbers] : inputs) {
      data[id] = numbers();
    }
    data[result].resize(count);
    models::run_node<float>(node, [&](TensorId id) { return std::span(data.at(id)); });
    return std::move(data.at(result));
  }
};

}  // namespace

std::string shape_text(const LayerUse& use) {
  std::string text = use.text;
  for (const auto& [key, value] : use.fields) {
    text += fmt::format("{}{}", key, value);
  }
  return text;
}

const LayerUse& Binding::use() const {
  if (!lowered.reason.empty()) {
    bad_input("{}", lowered.reason);
  }
  if (lowered.layers.size() != 1 || lowered.layers.front().times != 1) {
    bad_input("it is {} layers: that is not run yet", lowered.layers.size());
  }
  return lowered.layers.front();
}

TensorId Binding::add(const Operands& inputs) const {
  const LayerUse& one = use();
  return builder.add(node, "", one.layer, shape_text(one), inputs, {{"dst", node.outputs.at(0)}});
}

TensorId Binding::add_last(std::string_view layer, const std::string& shape,
                           const Operands& inputs) const {
  return builder.add(node, "", layer, shape, inputs, {{"dst", node.outputs.at(0)}});
}

TensorId Binding::add_between(std::string_view suffix, std::string_view layer,
                              const std::string& shape, const Operands& inputs) const {
  return builder.add(node, suffix, layer, shape, inputs, {{"dst", nobody}});
}

void Binding::draw(std::size_t input, const Range& range) const {
  if (input < node.inputs.size() && node.inputs[input] != nobody) {
    builder.draw(node.inputs[input], range);
  }
}

const Binder* find_binder(std::string_view domain, std::string_view op) {
  for (const auto& family :
       {dense_binders(), elementwise_binders(), moving_binders(), recurrent_binders()}) {
    for (const Binder& row : family) {
      if (row.domain == domain && row.op == op) {
        return &row;
      }
    }
  }
  return nullptr;
}

NetworkBuilder::NetworkBuilder(std::shared_ptr<Source> source) : source_(std::move(source)) {
  for (const TensorProto& stored : source_->model.graph.initializers) {
    source_->initializers.emplace(stored.name, &stored);
  }
}

std::string NetworkBuilder::unique(std::string name) {
  if (!made_.network.find(name)) {
    return name;
  }
  for (int i = 2;; ++i) {
    if (std::string other = fmt::format("{}#{}", name, i); !made_.network.find(other)) {
      return other;
    }
  }
}

TensorId NetworkBuilder::constant(std::string name, std::vector<std::int64_t> dims,
                                  Numbers numbers) {
  made_.numbers.push_back(std::move(numbers));
  return made_.network.add_tensor(
      {.name = unique(std::move(name)), .dims = std::move(dims), .lifetime = Lifetime::constant});
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
  Range& known = source_->ranges.try_emplace(of_graph, range).first->second;
  if (range.below > 0 && known.below > 0) {
    known.below = std::min(known.below, range.below);
  }
}

/// Drawn when they are asked for: what reads them has said by then where from.
Numbers NetworkBuilder::numbers_of_constant(int of_graph) {
  const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
  const std::int64_t count = count_of(dims_of(tensor.known));
  const auto drawn = [source = source_, of_graph, count, name = std::string(tensor.name)] {
    const auto found = source->ranges.find(of_graph);
    return models::random_numbers(name, source->seed, count,
                                  found == source->ranges.end() ? Range{} : found->second);
  };
  if (tensor.known.content != nullptr) {
    return [content = tensor.known.content, count, name = std::string(tensor.name)] {
      return onnx::numbers_of(*content, static_cast<std::size_t>(count), name);
    };
  }
  const TensorProto* stored = nullptr;
  if (tensor.writer != nobody) {
    const NodeProto& node = *graph().nodes[static_cast<std::size_t>(tensor.writer)].proto;
    for (const AttributeProto& attribute : node.attributes) {
      stored = attribute.t ? &*attribute.t : stored;
    }
    if (stored == nullptr) {
      bad_input("{} makes a constant that is not read yet", described(node));
    }
  } else if (const auto found = source_->initializers.find(tensor.name);
             found != source_->initializers.end()) {
    stored = found->second;
  }
  if (stored == nullptr || stored->external) {
    std::string none;
    const bool there = stored != nullptr && source_->external.read(*stored, 0, none);
    made_.random_weights = made_.random_weights || !there;
  }
  if (stored == nullptr) {
    return drawn;
  }
  return [source = source_, stored, drawn] {
    auto numbers = read_numbers(*stored, source->external);
    return numbers ? std::move(*numbers) : drawn();
  };
}

void NetworkBuilder::add_source(int of_graph, Lifetime lifetime, Numbers numbers) {
  const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
  made_.numbers.push_back(std::move(numbers));
  ids_[of_graph] = made_.network.add_tensor({.name = unique(std::string(tensor.name)),
                                             .dims = dims_of(tensor.known),
                                             .lifetime = lifetime});
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

bool NetworkBuilder::all_constant(const Operands& inputs) const {
  return std::ranges::all_of(inputs, [&](const auto& input) { return is_constant(input.second); });
}

TensorId NetworkBuilder::result(const Operand& operand, int of_graph, const std::string& label,
                                Lifetime lifetime) {
  std::string name = label;
  std::vector<std::int64_t> dims = operand.dims;
  if (of_graph != nobody) {
    const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
    name = tensor.name.empty() ? label : std::string(tensor.name);
    dims = dims_of(tensor.known);
    const bool leaf = leaves_[static_cast<std::size_t>(of_graph)];
    lifetime = leaf && lifetime == Lifetime::activation ? Lifetime::output : lifetime;
  }
  made_.numbers.emplace_back();
  const TensorId id = made_.network.add_tensor(
      {.name = unique(std::move(name)), .dims = std::move(dims), .lifetime = lifetime});
  if (of_graph != nobody) {
    ids_[of_graph] = id;
  }
  return id;
}

TensorId NetworkBuilder::add(const GraphNode& node, std::string_view suffix, std::string_view layer,
                             const std::string& shape, const Operands& inputs,
                             const Results& results) {
  const AnyLayer* known = models::layer_or_null(layer);
  if (known == nullptr) {
    bad_input("no layer computes {}", layer);
  }
  Node made{.label = suffix.empty() ? node.name : fmt::format("{}:{}", node.name, suffix),
            .path = node.path,
            .layer = known,
            .shape = known->parse(shape)};
  std::map<TensorId, Numbers> constants;
  for (const auto& [operand, id] : inputs) {
    made.edges.push_back({operand, id});
    constants[id] = made_.numbers[id];
  }
  const bool constant = all_constant(inputs);
  const auto operands = known->operands(made.shape, made.pass);
  TensorId first = 0;
  for (const auto& [name, of_graph] : results) {
    const auto operand = std::ranges::find(operands, name, &Operand::name);
    const TensorId id = result(*operand, of_graph, made.label,
                               constant ? Lifetime::constant : Lifetime::activation);
    first = made.edges.size() == inputs.size() ? id : first;
    made.edges.push_back({name, id, true});
  }
  if (!constant) {
    made_.network.add_node(std::move(made));
    return first;
  }
  for (std::size_t i = inputs.size(); i < made.edges.size(); ++i) {
    Node alone = made;
    alone.edges.erase(alone.edges.begin() + static_cast<std::ptrdiff_t>(inputs.size()),
                      alone.edges.end());
    alone.edges.push_back(made.edges[i]);
    const TensorId id = made.edges[i].tensor;
    const auto count = static_cast<std::size_t>(elements(made_.network.tensors()[id]));
    made_.numbers[id] = Computed{std::move(alone), constants, id, count};
  }
  return first;
}

/// A result that a view of something is, is that.
void NetworkBuilder::find_leaves() {
  leaves_.assign(graph().tensors.size(), false);
  for (const int output : graph().outputs) {
    leaves_[static_cast<std::size_t>(output)] = true;
  }
  for (auto node = graph().nodes.rbegin(); node != graph().nodes.rend(); ++node) {
    if (is_view(graph(), *node) && leaves_[static_cast<std::size_t>(node->outputs[0])]) {
      leaves_[static_cast<std::size_t>(node->inputs[0])] = true;
    }
  }
}

void NetworkBuilder::add_node(const GraphNode& node) {
  if (node.uses != 1) {
    bad_input("it runs {} times: loops are not run yet", node.uses);
  }
  const bool known_all = std::ranges::all_of(node.outputs, [&](int output) {
    return known(output).content != nullptr &&
           (known(output).content->real || all_known(known(output).content->integers));
  });
  if (known_all || node.proto->op == "Constant") {
    return;  // its numbers are taken from what is known
  }
  if (is_view(graph(), node)) {
    const TensorId id = tensor(node.inputs[0]);
    dims_of(known(node.outputs[0]));
    ids_[node.outputs[0]] = id;
    return;
  }
  const Binder* binder = find_binder(node.proto->domain, node.proto->op);
  if (binder == nullptr) {
    bad_input("it is counted but cannot be run yet");
  }
  Binding binding{*this, node, NodeView(*node.proto, node.version)};
  for (const int input : node.inputs) {
    binding.view.inputs.push_back(input == nobody ? nullptr : &known(input));
  }
  for (const int output : node.outputs) {
    binding.view.outputs.push_back(known(output));
  }
  binding.view.row = find_operator(node.proto->domain, node.proto->op);
  binding.lowered = node.folded ? binding.view.row->lower(binding.view) : node.lowered;
  binder->bind(binding);
}

/// Results that are inputs or constants are copied.
void NetworkBuilder::add_outputs() {
  for (const int output : graph().outputs) {
    const TensorId id = tensor(output);
    if (made_.network.tensors()[id].lifetime != Lifetime::output) {
      bad_input("the result '{}' is an input or the same in every run",
                graph().tensors[static_cast<std::size_t>(output)].name);
    }
  }
}

models::NetworkFile NetworkBuilder::build() {
  if (!graph().choices.empty()) {
    bad_input("an If whose condition only a run knows cannot be run yet");
  }
  find_leaves();
  for (const int input : graph().inputs) {
    const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(input)];
    const std::int64_t count = count_of(dims_of(tensor.known));
    add_source(input, Lifetime::input,
               [source = source_, input, count, whole = !is_float(tensor.known.elem),
                name = std::string(tensor.name)] {
                 const auto found = source->ranges.find(input);
                 const Range otherwise = whole ? Range{1, 1, 0} : Range{-1, 1, 0};
                 return models::random_numbers(
                     name, source->seed, count,
                     found == source->ranges.end() ? otherwise : found->second);
               });
  }
  for (const GraphNode& node : graph().nodes) {
    try {
      add_node(node);
    } catch (const BadInput& error) {
      bad_input("node '{}' ({}) cannot run: {}", node.name, node.proto->op, error.what());
    } catch (const Undetermined& error) {
      bad_input("node '{}' ({}) cannot run: {}", node.name, node.proto->op, error.what());
    }
  }
  add_outputs();
  if (made_.random_weights) {
    made_.remarks.emplace_back(
        "weights are drawn from a seed: the file has none, or the file that holds them is not "
        "there");
  }
  return std::move(made_);
}

}  // namespace flopmeter::onnx
