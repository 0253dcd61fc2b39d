// From nodes of a graph to nodes of a network.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"
#include "models/chain/run_node.h"
#include "models/onnx/bind/binder.h"
#include "models/onnx/whole_numbers.h"

namespace flopmeter::onnx {
namespace {

/// Of what is the same in every run it is not said that it is one.
constexpr std::array view_operators{"Identity", "Reshape", "Unsqueeze",
                                    "Squeeze",  "Flatten", "Dropout"};

/// All numbers of a network are floating-point ones: fractions that go are something to do, and integers that another
/// type does not have.
bool is_cast_view(Elem from, Elem to) {
  return is_float(to) || from == to ||
         (is_integer(to) && !is_float(from) && to != Elem::boolean && !wraps(from, to)) ||
         from == Elem::boolean;
}

/// A view of its input, as the network sees it.
bool is_view(const Graph& graph, const GraphNode& node) {
  if (node.inputs.empty() || node.inputs[0] == nobody || node.outputs.empty()) {
    return false;
  }
  const bool unchanged =
      node.folded && std::ranges::find(view_operators, node.proto->op) != view_operators.end();
  if (node.lowered->moves == "view" || unchanged) {
    return true;
  }
  const auto elem = [&](int tensor) {
    return graph.tensors[static_cast<std::size_t>(tensor)].known.elem;
  };
  return node.proto->op.starts_with("Cast") &&
         is_cast_view(elem(node.inputs[0]), elem(node.outputs[0]));
}

/// The result of a node that reads nothing but constants.
struct Computed {
  Node node;
  std::map<TensorId, Numbers> inputs;
  TensorId result;
  std::size_t count;
  bool whole;

  std::vector<float> operator()() const {
    std::map<TensorId, std::vector<double>> data;
    for (const auto& [id, numbers] : inputs) {
      const std::vector<float> given = numbers();
      data[id].assign(given.begin(), given.end());
    }
    data[result].resize(count);
    models::run_in_double(
        node, [&](TensorId id) { return std::span(data.at(id)); }, 1);
    const std::vector<double>& made = data.at(result);
    std::vector<float> all(made.begin(), made.end());
    if (whole) {
      require_exact(all, node.label);
    }
    return all;
  }
};

}  // namespace

void NetworkBuilder::note(TensorId id, Elem elem) {
  elems_.resize(std::max(elems_.size(), id + 1), Elem::undefined);
  elems_[id] = elem;
}

NetworkBuilder::NetworkBuilder(std::shared_ptr<Source> source) : source_(std::move(source)) {}

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

bool NetworkBuilder::all_constant(const Operands& inputs) const {
  return std::ranges::all_of(inputs, [&](const auto& input) { return is_constant(input.second); });
}

TensorId NetworkBuilder::result(const Operand& operand, int of_graph, const std::string& label,
                                Lifetime lifetime, bool integers) {
  std::string name = label;
  std::vector<std::int64_t> dims = operand.dims;
  Elem elem = integers ? Elem::s64 : Elem::undefined;
  if (of_graph != nobody) {
    const NamedTensor& tensor = graph().tensors[static_cast<std::size_t>(of_graph)];
    name = tensor.name.empty() ? label : std::string(tensor.name);
    dims = dims_of(tensor.known);
    elem = tensor.known.elem;
    const int leaf = leaves_[static_cast<std::size_t>(of_graph)];
    if (leaf != nobody && lifetime == Lifetime::activation) {
      lifetime = Lifetime::output;
      name = graph().tensors[static_cast<std::size_t>(leaf)].name;
    } else if (leaf != nobody) {
      name += ":constant";
    }
  }
  made_.numbers.emplace_back();
  const TensorId id = made_.network.add_tensor({.name = unique(std::move(name)),
                                                .dims = std::move(dims),
                                                .lifetime = lifetime,
                                                .domain = domain_of(elem)});
  note(id, elem);
  if (of_graph != nobody) {
    ids_[of_graph] = id;
  }
  return id;
}

TensorId NetworkBuilder::add(const GraphNode& node, std::string_view suffix, std::string_view layer,
                             const std::string& shape, const Operands& inputs,
                             const Results& results) {
  return add_all(node, suffix, layer, shape, inputs, results).front();
}

/// Whether it computes with integers, or is between nodes that do: places in tensors are such.
bool NetworkBuilder::of_integers(const Operands& inputs, const Results& results) const {
  return std::ranges::any_of(inputs,
                             [&](const auto& input) { return is_integer(elems_[input.second]); }) ||
         std::ranges::any_of(results, [&](const auto& result) {
           return result.second != nobody && is_integer(known(result.second).elem);
         });
}

std::vector<TensorId> NetworkBuilder::add_all(const GraphNode& node, std::string_view suffix,
                                              std::string_view layer, const std::string& shape,
                                              const Operands& inputs, const Results& results) {
  const AnyLayer* known = models::layer_or_null(layer);
  if (known == nullptr) {
    bad_input("no layer computes {}", layer);
  }
  Node made{
      .label = suffix.empty() ? std::string(node.name) : fmt::format("{}:{}", node.name, suffix),
      .path = std::string(node.path),
      .layer = known,
      .shape = known->parse(shape)};
  const bool integers = of_integers(inputs, results);
  std::map<TensorId, Numbers> constants;
  for (const auto& [operand, id] : inputs) {
    made.edges.push_back({operand, id});
    constants[id] = made_.numbers[id];
  }
  const bool constant = all_constant(inputs);
  const auto operands = known->operands(made.shape, made.pass);
  std::vector<TensorId> all;
  for (const auto& [name, of_graph] : results) {
    const auto operand = std::ranges::find(operands, name, &Operand::name);
    const TensorId id = result(*operand, of_graph, made.label,
                               constant ? Lifetime::constant : Lifetime::activation, integers);
    all.push_back(id);
    made.edges.push_back({name, id, true});
  }
  if (!constant) {
    made_.network.add_node(std::move(made));
    return all;
  }
  for (std::size_t i = inputs.size(); i < made.edges.size(); ++i) {
    Node alone = made;
    alone.edges.erase(alone.edges.begin() + static_cast<std::ptrdiff_t>(inputs.size()),
                      alone.edges.end());
    alone.edges.push_back(made.edges[i]);
    const TensorId id = made.edges[i].tensor;
    const auto count = static_cast<std::size_t>(elements(made_.network.tensors()[id]));
    made_.numbers[id] = Computed{std::move(alone), constants, id, count, is_integer(elems_[id])};
  }
  return all;
}

/// A result that a view of something is, is that.
void NetworkBuilder::find_leaves() {
  leaves_.assign(graph().tensors.size(), nobody);
  for (const int output : graph().outputs) {
    leaves_[static_cast<std::size_t>(output)] = output;
  }
  for (auto node = graph().nodes.rbegin(); node != graph().nodes.rend(); ++node) {
    if (!is_view(graph(), *node)) {
      continue;
    }
    int& of_source = leaves_[static_cast<std::size_t>(node->inputs[0])];
    of_source =
        of_source != nobody ? of_source : leaves_[static_cast<std::size_t>(node->outputs[0])];
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
    bad_input("{}", node.lowered->reason.empty() || node.proto->op == "NonMaxSuppression"
                        ? "it is counted but cannot be run yet"
                        : node.lowered->reason);
  }
  Binding binding{*this, node, NodeView(*node.proto, node.version)};
  for (const int input : node.inputs) {
    binding.view.inputs.push_back(input == nobody ? nullptr : &known(input));
  }
  for (const int output : node.outputs) {
    binding.view.outputs.push_back(known(output));
  }
  binding.view.row = find_operator(node.proto->domain, node.proto->op);
  binding.lowered = node.folded ? binding.view.row->lower(binding.view) : *node.lowered;
  binder->bind(binding);
}

/// Results that are inputs, constants or other results under a second name are copied.
void NetworkBuilder::add_outputs() {
  for (const int output : graph().outputs) {
    const NamedTensor& of_file = graph().tensors[static_cast<std::size_t>(output)];
    const std::string name(of_file.name);
    TensorId id = tensor(output);
    const bool is_new =
        std::ranges::find(made_.results, id, &models::NamedResult::tensor) == made_.results.end();
    if (made_.network.tensors()[id].lifetime != Lifetime::output || !is_new) {
      id = add_copy(id, name);
    }
    made_.results.push_back({id, name, dims_of(of_file.known)});
  }
}

TensorId NetworkBuilder::add_copy(TensorId id, const std::string& name) {
  const AnyLayer& copy = find_layer("cast");
  const TensorId result = made_.network.add_tensor({.name = unique(name),
                                                    .dims = made_.network.tensors()[id].dims,
                                                    .lifetime = Lifetime::output,
                                                    .domain = made_.network.tensors()[id].domain});
  made_.numbers.emplace_back();
  note(result, Elem::undefined);
  made_.network.add_node(
      {.label = name + ":copy",
       .layer = &copy,
       .shape = copy.parse(fmt::format("mb1ic{}", elements(made_.network.tensors()[id]))),
       .edges = {{"src", id}, {"dst", result, true}}});
  return result;
}

/// What other engines have to be given although it is no input of the network.
void NetworkBuilder::note_constant_inputs() {
  for (std::size_t i = 0; i < graph().tensors.size(); ++i) {
    const NamedTensor& tensor = graph().tensors[i];
    const bool weight = graph().weightless && tensor.stored;
    const bool setting = source_->given.contains(tensor.name) && tensor.known.constant;
    if (tensor.writer == nobody && tensor.data == nullptr && (weight || setting)) {
      made_.constant_inputs.push_back({std::string(tensor.name), dims_of(tensor.known),
                                       numbers_of_constant(static_cast<int>(i))});
    }
  }
}

/// Types of real numbers that the file rounds to and a run does not.
void NetworkBuilder::remark_types() {
  for (const Elem elem : {Elem::f16, Elem::bf16, Elem::f64}) {
    const auto is_of = [&](const NamedTensor& tensor) { return tensor.known.elem == elem; };
    if (std::ranges::any_of(graph().tensors, is_of)) {
      made_.remarks.push_back(fmt::format(
          "the file has numbers of {}: all real numbers are computed in the type of --dtype here",
          to_string(elem)));
    }
  }
}

models::NetworkFile NetworkBuilder::build() {
  if (!graph().choices.empty()) {
    bad_input("an If whose condition only a run knows cannot be run yet");
  }
  made_.remarks = graph().remarks;
  find_leaves();
  for (const int input : graph().inputs) {
    add_input(input);
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
  require_places();
  note_constant_inputs();
  remark_types();
  check_whole_numbers(made_, elems_);
  if (made_.random_weights) {
    made_.remarks.emplace_back(
        "weights are drawn from a seed: the file has none, or the file that holds them is not "
        "there");
  }
  return std::move(made_);
}

}  // namespace flopmeter::onnx
