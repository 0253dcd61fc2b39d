#include "models/onnx/builder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/onnx/accepted.h"
#include "models/onnx/content.h"
#include "models/onnx/fitting_dims.h"
#include "models/onnx/free_dims.h"
#include "models/onnx/given.h"
#include "models/onnx/most_found.h"
#include "models/onnx/order.h"
#include "models/onnx/weights.h"

namespace flopmeter::onnx {

int Scope::find(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
    if (const auto found = scope->tensors.find(name); found != scope->tensors.end()) {
      return found->second;
    }
  }
  return nobody;
}

std::int64_t Scope::version(std::string_view domain) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
    if (const auto found = scope->versions.find(domain); found != scope->versions.end()) {
      return found->second;
    }
  }
  return domain.empty() ? newest_opset : 1;
}

int GraphBuilder::add_tensor(Scope& scope, std::string_view name, Tensor known) {
  const int place = static_cast<int>(graph_.tensors.size());
  if (!name.empty() && !scope.tensors.emplace(name, place).second) {
    bad_input("the name '{}' is given to two tensors", name);
  }
  graph_.tensors.push_back({name, std::move(known)});
  return place;
}

void GraphBuilder::add_initializers(Scope& scope, const GraphProto& graph) {
  for (const TensorProto& stored : graph.initializers) {
    if (stored.external) {
      external_.check(stored);
    }
    Tensor known = tensor_of(stored.elem, {stored.dims.begin(), stored.dims.end()});
    elements_of(*known.dims);  // must fit
    known.content = read_content(stored, &external_);
    known.constant = true;
    const int place = add_tensor(scope, stored.name, std::move(known));
    NamedTensor& made = graph_.tensors[static_cast<std::size_t>(place)];
    made.stored = true;
    made.packed = stored.sparse ? stored.stored : 0;
    made.data = &stored;
  }
}

void GraphBuilder::add_inputs(Scope& scope) {
  weight_inputs_ = weight_inputs(model_.graph);
  graph_.weightless = !weight_inputs_.empty();
  for (const ValueInfo* input : true_inputs(model_.graph)) {
    Tensor known{.elem = input->elem, .content = nullptr, .sequence = !input->tensor};
    if (input->dims) {
      known.dims.emplace();
      for (std::size_t i = 0; i < input->dims->size(); ++i) {
        const DimProto& dim = (*input->dims)[i];
        known.dims->push_back(is_free(dim) ? bound_dim(dim_name(*input, i), options_)
                                           : Dim(*dim.value));
      }
      elements_of(*known.dims);
    }
    if (const auto given = options_.inputs.find(input->name); given != options_.inputs.end()) {
      known = given->second;
    }
    const bool weight = weight_inputs_.contains(input->name);
    known.constant = weight;
    if (!weight && known.dims && !known.dims->empty()) {
      known.dims->front() = known.dims->front() * options_.batch;
    }
    const bool setting = set_given(*input, known);
    const int place = add_tensor(scope, input->name, std::move(known));
    graph_.tensors[static_cast<std::size_t>(place)].stored = weight;
    if (!weight && !setting) {
      graph_.inputs.push_back(place);
    }
  }
  require_inputs();
}

/// Whether its numbers are given and it is a setting: then they are its content.
bool GraphBuilder::set_given(const ValueInfo& input, Tensor& known) {
  const auto given = options_.given.find(input.name);
  if (given == options_.given.end()) {
    return false;
  }
  if (!known.dims || known.sequence) {
    bad_input("--input {}: its dimensions are not known", input.name);
  }
  const auto numbers = given_numbers(input.name, given->second, known.elem,
                                     known_sizes(*known.dims), options_.batch);
  if (!is_setting(known.elem, *known.dims)) {
    return false;
  }
  known.constant = true;
  known.content = content_of_setting(known.elem, numbers);
  graph_.remarks.push_back(fmt::format(
      "the input '{}' is {} in every run: what follows from it alone is computed before",
      input.name, given->second.text));
  return true;
}

/// A number for an input that is not there is a mistake in writing.
void GraphBuilder::require_inputs() const {
  std::vector<std::string_view> names;
  for (const ValueInfo* input : true_inputs(model_.graph)) {
    names.push_back(input->name);
  }
  for (const auto& [name, given] : options_.given) {
    if (std::ranges::find(names, name) == names.end()) {
      bad_input("--input {}: no such input; there are {}", name, fmt::join(names, ", "));
    }
  }
}

std::string_view GraphBuilder::name_in(const Scope& scope, const NodeProto& node) {
  const std::string_view own = !node.name.empty()     ? node.name
                               : node.outputs.empty() ? node.op
                                                      : node.outputs.front();
  return scope.path.empty() ? own
                            : graph_.names.emplace_back(fmt::format("{}/{}", scope.path, own));
}

std::string_view path_of(const NodeProto& node, std::string_view name) {
  if (!node.scopes.empty()) {
    return node.scopes.back();
  }
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : name.substr(0, slash);
}

void GraphBuilder::set_outputs(Scope& scope, const NodeProto& node, std::vector<Tensor> outputs,
                               int writer) {
  outputs.resize(node.outputs.size());
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const int place = add_tensor(scope, node.outputs[i], std::move(outputs[i]));
    graph_.tensors[static_cast<std::size_t>(place)].writer = writer;
    if (writer != nobody) {
      graph_.nodes[static_cast<std::size_t>(writer)].outputs.push_back(place);
    }
  }
}

/// Of operators that find as many rows as the data have: as many as there may be.
void GraphBuilder::bound_rows(NodeView& view) {
  const std::optional<std::int64_t> rows = most_found(view);
  if (!rows) {
    return;
  }
  Dims dims = *view.outputs[0].dims;
  std::ranges::find_if(dims, [](const Dim& dim) { return !dim.known(); })->operator=(*rows);
  view.outputs[0].dims = dims;
  graph_.remarks.push_back(fmt::format(
      "{}: how much it finds is known during a run only; it and what follows run with the most, {} "
      "rows, of which those behind the last found are -1",
      view.name(), *rows));
}

namespace {

/// An attribute that is not understood may give the inputs another meaning: then shapes that do not fit are
/// no fault of the file.
void infer_shapes(NodeView& view, bool strange) {
  std::string refusal;
  try {
    return view.row->infer(view);
  } catch (const BadInput& error) {
    refusal = error.what();
  } catch (const std::out_of_range&) {
    // Rows of the operator table take dimensions and values by their places.
    refusal = "an input has fewer dimensions or values than the operator needs";
  }
  if (!strange) {
    throw Unfit(refusal);
  }
  view.outputs.assign(view.outputs.size(), Tensor{});
}

/// The innermost node is named, once.
bool names_node(const BadInput& error) {
  return std::string_view(error.what()).starts_with("node '");
}

}  // namespace

/// Folded: all its inputs are constants, or its results are known.
void GraphBuilder::infer(Scope& scope, const NodeProto& node, GraphNode& made) {
  NodeView view(node, scope.version(node.domain));
  bool constant = true;
  for (const std::string_view name : node.inputs) {
    int place = nobody;
    if (!name.empty()) {
      place = scope.find(name);
      if (place == nobody) {
        bad_input("its input '{}' is made by nobody", name);
      }
    }
    made.inputs.push_back(place);
    view.inputs.push_back(place == nobody ? nullptr
                                          : &graph_.tensors[static_cast<std::size_t>(place)].known);
    constant = constant && (place == nobody || view.inputs.back()->constant);
  }
  made.version = view.opset;
  view.outputs.resize(node.outputs.size());
  view.row = find_operator(node.domain, node.op);
  if (view.row == nullptr) {
    made.lowered = not_understood(fmt::format("the operator {}{}{} is not known", node.domain,
                                              node.domain.empty() ? "" : ".", node.op));
    take_stated_shapes(scope, view);
    set_outputs(scope, node, std::move(view.outputs), static_cast<int>(graph_.nodes.size()) - 1);
    return;
  }
  std::string strange = unaccepted(view);
  try {
    infer_shapes(view, !strange.empty());
    if (options_.to_run) {
      bound_rows(view);
    }
    if (!strange.empty()) {
      // Its values would be those of another operator.
      for (Tensor& output : view.outputs) {
        output.content = nullptr;
        output.constant = false;
      }
    }
    const bool known =
        std::ranges::all_of(view.outputs, [](const Tensor& t) { return t.content != nullptr; });
    made.folded = strange.empty() && node.op != "Constant" && !view.outputs.empty() &&
                  !node.op.starts_with("Random") && ((constant && !node.inputs.empty()) || known);
    const auto out = view.outputs.empty() ? Dims{} : view.outputs[0].dims.value_or(Dims{});
    const bool empty = all_known(out) && elements_of(out).is(0);
    made.lowered = lowered_.shared(!strange.empty() ? not_understood(std::move(strange))
                                   : made.folded    ? moves("constant")
                                   : empty          ? moves("empty")
                                                    : view.row->lower(view));
  } catch (const Undetermined& error) {
    made.lowered = not_understood(error.what());
  }
  if (!made.lowered->reason.empty() && made.lowered->layers.empty()) {
    take_stated_shapes(scope, view);
  }
  for (Tensor& output : view.outputs) {
    output.constant = output.constant || (constant && made.folded);
  }
  set_outputs(scope, node, std::move(view.outputs), static_cast<int>(graph_.nodes.size()) - 1);
}

void GraphBuilder::add_node(Scope& scope, const NodeProto& node) {
  try {
    if (++looked_at_ > max_nodes) {
      bad_input("more than {} nodes with those of functions and loops", max_nodes);
    }
    const FunctionProto* function = function_of(node);
    if (function != nullptr && find_operator(node.domain, node.op) == nullptr) {
      return inline_function(scope, node, *function);
    }
    if (add_control_flow(scope, node) || add_sequence(scope, node)) {
      return;
    }
    const std::string_view name = name_in(scope, node);
    GraphNode made{.proto = &node, .name = name, .path = path_of(node, name), .uses = scope.uses};
    graph_.nodes.emplace_back();
    const std::size_t place = graph_.nodes.size() - 1;
    infer(scope, node, made);
    made.outputs = std::move(graph_.nodes[place].outputs);
    graph_.nodes[place] = std::move(made);
    if (node.op == "Constant" && node.domain.empty()) {
      for (const int output : graph_.nodes[place].outputs) {
        graph_.tensors[static_cast<std::size_t>(output)].stored = true;
      }
    }
  } catch (const Unfit& error) {
    if (names_node(error)) {
      throw;
    }
    throw Unfit(fmt::format("{}: {}", described(node), error.what()));
  } catch (const BadInput& error) {
    if (names_node(error)) {
      throw;
    }
    bad_input("{}: {}", described(node), error.what());
  } catch (const CountOverflow& error) {
    bad_input("{}: {}", described(node), error.what());
  } catch (const std::out_of_range&) {
    // Rows of the operator table take dimensions and values by their places.
    bad_input("{}: an input has fewer dimensions or values than the operator needs",
              described(node));
  }
}

void GraphBuilder::add_nodes(Scope& scope, const std::vector<NodeProto>& nodes) {
  for (const std::size_t i : order_of(nodes)) {
    add_node(scope, nodes[i]);
  }
}

Graph GraphBuilder::build() {
  if (model_.graph.nodes.empty() && model_.graph.outputs.empty()) {
    bad_input("the graph has no nodes and no results");
  }
  require_bound(model_, options_);
  graph_.nodes.reserve(model_.graph.nodes.size());
  const std::size_t tensors =
      model_.graph.initializers.size() + model_.graph.inputs.size() + model_.graph.nodes.size();
  graph_.tensors.reserve(tensors);
  Scope scope;
  scope.tensors.reserve(tensors);
  for (const OpsetProto& opset : model_.opsets) {
    scope.versions.emplace(opset.domain, opset.version);
  }
  add_initializers(scope, model_.graph);
  add_inputs(scope);
  add_nodes(scope, model_.graph.nodes);
  for (const ValueInfo& output : model_.graph.outputs) {
    const int place = scope.find(output.name);
    if (place == nobody) {
      bad_input("the result '{}' is made by nobody", output.name);
    }
    graph_.outputs.push_back(place);
  }
  if (stated_taken_ > 0) {
    graph_.remarks.push_back(fmt::format(
        "what follows {} that {} not understood is counted with the shapes that the file "
        "states of {} results",
        stated_taken_ == 1 ? "a node" : fmt::format("{} nodes", stated_taken_),
        stated_taken_ == 1 ? "is" : "are", stated_taken_ == 1 ? "its" : "their"));
  }
  return std::move(graph_);
}

Graph build_graph(const ModelProto& model, const GraphOptions& options) {
  try {
    return GraphBuilder(model, options).build();
  } catch (const BadInput& error) {
    bad_input("{}{}", error.what(), larger_dims(model, options));
  }
}

}  // namespace flopmeter::onnx
