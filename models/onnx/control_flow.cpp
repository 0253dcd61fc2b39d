// If, Loop and Scan: graphs within a graph. What decides is folded where it can be.
#include <algorithm>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/onnx/builder.h"

namespace flopmeter::onnx {
namespace {

const GraphProto& body_of(const NodeProto& node, std::string_view name) {
  const auto found = std::ranges::find(node.attributes, name, &AttributeProto::name);
  if (found == node.attributes.end() || !found->graph) {
    bad_input("its graph '{}' is missing", name);
  }
  return *found->graph;
}

/// What is the same after a body as before it; what differs is not known from then on.
bool generalize(Tensor& before, const Tensor& after, std::string_view name) {
  before.content = nullptr;
  if (!before.dims || !after.dims || before.dims->size() != after.dims->size()) {
    const bool changed = before.dims.has_value();
    before.dims.reset();
    return changed;
  }
  bool changed = false;
  for (std::size_t i = 0; i < before.dims->size(); ++i) {
    Dim& dim = (*before.dims)[i];
    const Dim general = Dim::unknown(fmt::format("{}.{}", name, i));
    if (!(dim == (*after.dims)[i]) && !(dim == general)) {
      dim = general;
      changed = true;
    }
  }
  return changed;
}

/// Of two branches.
Tensor either(Tensor a, const Tensor& b, std::string_view name) {
  generalize(a, b, name);
  a.constant = false;
  return a;
}

}  // namespace

int GraphBuilder::add_control_node(Scope& scope, const NodeProto& node, std::string reason) {
  const std::string_view name = name_in(scope, node);
  GraphNode made{.proto = &node,
                 .name = name,
                 .path = path_of(node, name),
                 .uses = scope.uses,
                 .lowered = reason.empty() ? moves("control") : not_understood(std::move(reason))};
  for (const std::string_view input : node.inputs) {
    made.inputs.push_back(input.empty() ? nobody : scope.find(input));
  }
  graph_.nodes.push_back(std::move(made));
  return static_cast<int>(graph_.nodes.size()) - 1;
}

std::vector<Tensor> GraphBuilder::run_body(Scope& scope, const NodeProto& node,
                                           const GraphProto& body, std::string_view label,
                                           const std::vector<Tensor>& arguments,
                                           std::int64_t times) {
  if (scope.depth >= max_depth) {
    bad_input("graphs are nested more than {} deep", max_depth);
  }
  Scope inner;
  inner.outer = &scope;
  inner.depth = scope.depth + 1;
  inner.path = fmt::format("{}/{}", name_in(scope, node), label);
  inner.uses = checked_multiply(scope.uses, times);
  add_initializers(inner, body);
  for (std::size_t i = 0; i < body.inputs.size(); ++i) {
    // Branches have no inputs; some tools list what they see of the graph around them.
    if (i >= arguments.size() && scope.find(body.inputs[i].name) != nobody) {
      continue;
    }
    add_tensor(inner, body.inputs[i].name, i < arguments.size() ? arguments[i] : Tensor{});
  }
  add_nodes(inner, body.nodes);
  std::vector<Tensor> results;
  for (const ValueInfo& output : body.outputs) {
    const int place = inner.find(output.name);
    if (place == nobody) {
      bad_input("the result '{}' of its graph is made by nobody", output.name);
    }
    results.push_back(graph_.tensors[static_cast<std::size_t>(place)].known);
  }
  return results;
}

void GraphBuilder::add_if(Scope& scope, const NodeProto& node) {
  const int condition_at = node.inputs.empty() ? nobody : scope.find(node.inputs[0]);
  if (condition_at == nobody) {
    bad_input("its condition is made by nobody");
  }
  const Contents condition = graph_.tensors[static_cast<std::size_t>(condition_at)].known.content;
  const bool decided = condition != nullptr && !condition->real &&
                       condition->integers.size() == 1 && condition->integers[0].known();
  const GraphProto& then_branch = body_of(node, "then_branch");
  const GraphProto& else_branch = body_of(node, "else_branch");
  if (options_.to_run &&
      unroll_if(scope, node, then_branch, else_branch,
                decided ? std::optional(condition->integers[0].value() != 0) : std::nullopt)) {
    return;
  }
  if (decided) {
    const bool first = condition->integers[0].value() != 0;
    const int made = add_control_node(scope, node, "");
    set_outputs(
        scope, node,
        run_body(scope, node, first ? then_branch : else_branch, first ? "then" : "else", {}, 1),
        made);
    return;
  }
  const int made = add_control_node(scope, node,
                                    "its condition is known during a run only: of both branches "
                                    "the one with fewer MACs is counted");
  std::vector<Tensor> a;
  std::vector<Tensor> b;
  const std::size_t first = graph_.nodes.size();
  std::size_t second = first;
  const auto only = only_branch(
      name_in(scope, node), [&] { a = run_body(scope, node, then_branch, "then", {}, 1); },
      [&] {
        second = graph_.nodes.size();
        b = run_body(scope, node, else_branch, "else", {}, 1);
      });
  if (only) {
    graph_.nodes[static_cast<std::size_t>(made)].lowered = moves("control");
    return set_outputs(scope, node, std::move(*only ? a : b), made);
  }
  graph_.choices.push_back({first, second, graph_.nodes.size()});
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = i < b.size()
               ? either(std::move(a[i]), b[i], i < node.outputs.size() ? node.outputs[i] : "result")
               : Tensor{};
  }
  set_outputs(scope, node, std::move(a), made);
}

/// Why an operator did not take what it was given, and nothing was added; empty where all was.
std::string GraphBuilder::refusal_of(const std::function<void()>& addition) {
  const std::size_t nodes = graph_.nodes.size();
  const std::size_t tensors = graph_.tensors.size();
  const std::size_t choices = graph_.choices.size();
  const std::size_t remarks = graph_.remarks.size();
  try {
    addition();
    return "";
  } catch (const Unfit& error) {
    graph_.nodes.resize(nodes);
    graph_.tensors.resize(tensors);
    graph_.choices.resize(choices);
    graph_.remarks.resize(remarks);
    return error.what();
  }
}

/// Adds both branches of an If whose condition only a run knows. One that inputs of these sizes do not go through is
/// not the one that runs: whether the other is the `then` branch.
std::optional<bool> GraphBuilder::only_branch(std::string_view node,
                                              const std::function<void()>& add_then,
                                              const std::function<void()>& add_else) {
  const std::string no_then = refusal_of(add_then);
  const std::string no_else = refusal_of(add_else);
  if (no_then.empty() && no_else.empty()) {
    return std::nullopt;
  }
  if (!no_then.empty() && !no_else.empty()) {
    throw Unfit(fmt::format("neither branch can be: {}", no_then));
  }
  const bool then_runs = no_then.empty();
  graph_.remarks.push_back(fmt::format(
      "node '{}' (If): its condition is known during a run only; the '{}' branch is taken, since "
      "the other cannot be with these inputs: {}",
      node, then_runs ? "then" : "else", then_runs ? no_else : no_then));
  return then_runs;
}

/// Inputs: the number of iterations, the first condition, what is carried. The body takes the iteration
/// and the condition before what is carried, and gives what is collected behind it.
void GraphBuilder::add_loop(Scope& scope, const NodeProto& node) {
  const GraphProto& body = body_of(node, "body");
  if (options_.to_run && unroll_loop(scope, node, body)) {
    return;
  }
  const auto known_of = [&](std::size_t i) -> const Tensor* {
    const bool there = i < node.inputs.size() && !node.inputs[i].empty();
    const int place = there ? scope.find(node.inputs[i]) : nobody;
    if (there && place == nobody) {
      bad_input("its input '{}' is made by nobody", node.inputs[i]);
    }
    return there ? &graph_.tensors[static_cast<std::size_t>(place)].known : nullptr;
  };
  const Tensor* trip = known_of(0);
  const Tensor* condition = known_of(1);
  const bool counted = trip != nullptr && trip->content != nullptr && !trip->content->real &&
                       trip->content->integers.size() == 1 && trip->content->integers[0].known();
  const std::int64_t trips =
      counted ? std::max<std::int64_t>(trip->content->integers[0].value(), 0) : 1;
  const bool decided = condition != nullptr && condition->content != nullptr &&
                       condition->content->integers.size() == 1 &&
                       condition->content->integers[0].known();
  const bool starts = condition == nullptr || (decided && !condition->content->integers[0].is(0));
  const bool never = (decided && !starts) || (counted && trips == 0);
  // Whenever the body runs, the condition held.
  std::vector<Tensor> arguments{tensor_of(Elem::s64, {}), tensor_of(Elem::boolean, {})};
  arguments[1].content = integers_of({1});
  for (std::size_t i = 2; i < node.inputs.size(); ++i) {
    const Tensor* carried = known_of(i);
    arguments.push_back(carried == nullptr ? Tensor{} : *carried);
    arguments.back().constant = false;
    arguments.back().content = nullptr;
  }
  // A first pass only to see what stays the same; its nodes are taken back.
  const std::size_t carried = arguments.size() - 2;
  const std::size_t nodes_before = graph_.nodes.size();
  const std::size_t tensors_before = graph_.tensors.size();
  const std::size_t choices_before = graph_.choices.size();
  std::vector<Tensor> results;
  for (int round = 0; round < 3; ++round) {
    results = run_body(scope, node, body, "body", arguments, 1);
    graph_.nodes.resize(nodes_before);
    graph_.tensors.resize(tensors_before);
    graph_.choices.resize(choices_before);
    bool changed = false;
    for (std::size_t i = 0; i < carried && i + 1 < results.size(); ++i) {
      const std::string_view name = body.inputs.size() > i + 2 ? body.inputs[i + 2].name : "loop";
      changed = generalize(arguments[i + 2], results[i + 1], name) || changed;
    }
    if (!changed) {
      break;
    }
  }
  const bool condition_known =
      !results.empty() && body.outputs.size() >= 1 && starts &&
      (body.outputs[0].name ==
           (body.inputs.size() > 1 ? body.inputs[1].name : std::string_view{}) ||
       (results[0].content != nullptr && results[0].content->integers.size() == 1 &&
        results[0].content->integers[0].is(1)));
  const bool sure = never || (counted && condition_known);
  std::string reason;
  if (!sure) {
    const std::string_view least =
        starts && counted ? "one is counted" : "one is counted, a run may do none";
    reason =
        counted ? fmt::format("it may end before its {} iterations: {}", trips, least)
                : fmt::format("the number of its iterations is known during a run only: {}", least);
  }
  const std::int64_t times = never ? 0 : sure ? trips : std::min<std::int64_t>(trips, 1);
  const int made = add_control_node(scope, node, reason);
  results = run_body(scope, node, body, "body", arguments, times);
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    Tensor result = i + 1 < results.size() ? results[i + 1] : Tensor{};
    result.content = nullptr;
    result.constant = false;
    if (i >= carried && result.dims) {
      result.dims->insert(
          result.dims->begin(),
          sure ? Dim(times) : Dim::unknown(fmt::format("{}.iterations", node.outputs[i])));
    } else if (i < carried && !(sure && times > 0)) {
      // Without an iteration it is what went in.
      const Tensor* before = never ? known_of(i + 2) : nullptr;
      result = before != nullptr ? *before : either(result, arguments[i + 2], node.outputs[i]);
    }
    outputs.push_back(std::move(result));
  }
  set_outputs(scope, node, std::move(outputs), made);
}

/// Inputs: states, then sequences along an axis each; since opset 9. Opset 8 has lengths before and a
/// batch axis.
void GraphBuilder::add_scan(Scope& scope, const NodeProto& node) {
  const GraphProto& body = body_of(node, "body");
  const NodeView view(node, scope.version(""));
  const bool batched = view.opset < 9;
  if (options_.to_run && !batched && unroll_scan(scope, node, body)) {
    return;
  }
  const auto sequences =
      static_cast<std::size_t>(std::max<std::int64_t>(view.required("num_scan_inputs"), 0));
  const std::size_t first = batched ? 1 : 0;
  if (node.inputs.size() < first + sequences) {
    bad_input("it has {} inputs", node.inputs.size());
  }
  const std::size_t states = node.inputs.size() - first - sequences;
  const auto axes = view.integers_of("scan_input_axes");
  std::vector<Tensor> arguments;
  Dim steps = 1;
  Dim samples = 1;
  for (std::size_t i = first; i < node.inputs.size(); ++i) {
    const int place = scope.find(node.inputs[i]);
    if (place == nobody) {
      bad_input("its input '{}' is made by nobody", node.inputs[i]);
    }
    Tensor argument = graph_.tensors[static_cast<std::size_t>(place)].known;
    argument.content = nullptr;
    argument.constant = false;
    if (batched && argument.dims && !argument.dims->empty()) {
      samples = argument.dims->front();
      argument.dims->erase(argument.dims->begin());
    }
    if (i - first >= states && argument.dims) {
      const std::size_t which = i - first - states;
      const std::size_t axis = view.axis(which < axes.size() ? axes[which] : 0,
                                         static_cast<std::int64_t>(argument.dims->size()));
      steps = (*argument.dims)[axis];
      argument.dims->erase(argument.dims->begin() + static_cast<std::ptrdiff_t>(axis));
    }
    arguments.push_back(std::move(argument));
  }
  const Dim times = steps * samples;
  const int made = add_control_node(
      scope, node,
      times.known()
          ? ""
          : "the length of its sequences is known during a run only: one step is counted");
  std::vector<Tensor> results =
      run_body(scope, node, body, "body", arguments, times.known() ? times.value() : 1);
  const auto out_axes = view.integers_of("scan_output_axes");
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].content = nullptr;
    results[i].constant = false;
    if (results[i].dims && i >= states) {
      const std::size_t which = i - states;
      const std::size_t axis = view.axis(which < out_axes.size() ? out_axes[which] : 0,
                                         static_cast<std::int64_t>(results[i].dims->size()) + 1);
      results[i].dims->insert(results[i].dims->begin() + static_cast<std::ptrdiff_t>(axis), steps);
    }
    if (results[i].dims && batched) {
      results[i].dims->insert(results[i].dims->begin(), samples);
    }
  }
  set_outputs(scope, node, std::move(results), made);
}

bool GraphBuilder::add_control_flow(Scope& scope, const NodeProto& node) {
  if (!node.domain.empty()) {
    return false;
  }
  if (node.op == "If") {
    add_if(scope, node);
  } else if (node.op == "Loop") {
    add_loop(scope, node);
  } else if (node.op == "Scan") {
    add_scan(scope, node);
  } else {
    return false;
  }
  return true;
}

}  // namespace flopmeter::onnx
