// If, Loop and Scan of networks that are to run: branches and iterations one behind the other.
#include <algorithm>
#include <array>

#include "kernels/bad_input.h"
#include "models/onnx/builder.h"

namespace flopmeter::onnx {
namespace {

/// Of a loop, and of all the nodes that loops become.
constexpr std::int64_t most_iterations = 4096;
constexpr std::size_t most_unrolled_nodes = 100'000;

/// Nodes that are made here are of that set of operators.
constexpr std::int64_t own_opset = 13;

std::optional<std::int64_t> known_number(const Tensor& tensor) {
  const Contents& content = tensor.content;
  const bool one = content != nullptr && !content->real && content->integers.size() == 1 &&
                   content->integers[0].known();
  return one ? std::optional(content->integers[0].value()) : std::nullopt;
}

/// Names of its own, and those of the scope around it.
template <class Scope>
Scope within(Scope& outer) {
  Scope inner;
  inner.outer = &outer;
  inner.path = outer.path;
  inner.uses = outer.uses;
  inner.depth = outer.depth;
  return inner;
}

/// The bytes of an attribute that is an integer: field 3, 7 bits at a time.
std::string integer_message(std::int64_t value) {
  std::string bytes(1, '\x18');
  auto rest = static_cast<std::uint64_t>(value);
  for (; rest >= 0x80; rest >>= 7U) {
    bytes.push_back(static_cast<char>((rest & 0x7FU) | 0x80U));
  }
  bytes.push_back(static_cast<char>(rest));
  return bytes;
}

}  // namespace

int GraphBuilder::add_constant(Scope& scope, Elem elem, std::int64_t value) {
  Tensor known = tensor_of(elem, {});
  known.content = integers_of({Dim(value)});
  known.constant = true;
  return add_tensor(scope,
                    graph_.names.emplace_back(fmt::format("{}#{}", value, graph_.tensors.size())),
                    std::move(known));
}

int GraphBuilder::add_made(Scope& scope, std::string_view op, const std::vector<int>& places,
                           std::string_view output, std::optional<std::int64_t> axis) {
  Scope inner = within(scope);
  inner.versions.emplace("", own_opset);
  NodeProto& node = graph_.made.emplace_back();
  node.op = op;
  node.name = graph_.names.emplace_back(fmt::format("{}:{}", output, op));
  for (const int place : places) {
    const std::string_view name = graph_.names.emplace_back(fmt::format("#{}", place));
    inner.tensors.emplace(name, place);
    node.inputs.push_back(name);
  }
  node.outputs.push_back(output);
  if (axis) {
    node.attributes.push_back({.name = "axis",
                               .message = graph_.names.emplace_back(integer_message(*axis)),
                               .type = static_cast<int>(AttributeType::integer),
                               .graph = nullptr});
  }
  add_node(inner, node);
  const int made = inner.tensors.at(output);
  if (!scope.tensors.emplace(output, made).second) {
    bad_input("the name '{}' is given to two tensors", output);
  }
  return made;
}

std::vector<int> GraphBuilder::body_places(Scope& outer, const NodeProto& node,
                                           const GraphProto& body, std::string_view label,
                                           const std::vector<int>& arguments) {
  if (outer.depth >= max_depth) {
    bad_input("graphs are nested more than {} deep", max_depth);
  }
  Scope inner = within(outer);
  ++inner.depth;
  inner.path = fmt::format("{}/{}", name_in(outer, node), label);
  if (body.inputs.size() > arguments.size()) {
    bad_input("its graph has {} inputs, and {} are given", body.inputs.size(), arguments.size());
  }
  for (std::size_t i = 0; i < body.inputs.size(); ++i) {
    inner.tensors.emplace(body.inputs[i].name, arguments[i]);
  }
  add_nodes(inner, body.nodes);
  std::vector<int> results;
  for (const ValueInfo& output : body.outputs) {
    results.push_back(inner.find(output.name));
    if (results.back() == nobody) {
      bad_input("the result '{}' of its graph is made by nobody", output.name);
    }
  }
  return results;
}

bool GraphBuilder::unroll_if(Scope& scope, const NodeProto& node, const GraphProto& then_branch,
                             const GraphProto& else_branch, std::optional<bool> decided) {
  const auto run = [&](const GraphProto& branch, std::string_view label) {
    Scope around = within(scope);
    add_initializers(around, branch);
    return body_places(around, node, branch, label, {});
  };
  std::vector<int> first;
  std::vector<int> second;
  if (decided) {
    first = second = *decided ? run(then_branch, "then") : run(else_branch, "else");
  } else {
    decided = only_branch(
        name_in(scope, node), [&] { first = run(then_branch, "then"); },
        [&] { second = run(else_branch, "else"); });
    if (decided) {
      first = second = *decided ? first : second;
    }
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (i >= first.size() || i >= second.size()) {
      bad_input("its branches have {} and {} results, not {}", first.size(), second.size(),
                node.outputs.size());
    }
    if (node.outputs[i].empty()) {
      continue;
    }
    if (decided) {
      add_made(scope, "Identity", {first[i]}, node.outputs[i]);
      continue;
    }
    const auto dims = [&](int place) {
      return graph_.tensors[static_cast<std::size_t>(place)].known.dims;
    };
    if (!dims(first[i]) || !dims(second[i])) {
      bad_input(
          "its condition is not known before a run, and neither are the sizes of '{}' that its "
          "branches make",
          node.outputs[i]);
    }
    if (!std::ranges::equal(*dims(first[i]), *dims(second[i]))) {
      bad_input(
          "its branches make '{}' of other dimensions, and which one runs is known during a "
          "run only",
          node.outputs[i]);
    }
    add_made(scope, "Where", {scope.find(node.inputs[0]), first[i], second[i]}, node.outputs[i]);
  }
  if (!decided) {
    graph_.remarks.push_back(fmt::format(
        "node '{}' (If): its condition is known during a run only: both branches run, and the "
        "time is of both",
        name_in(scope, node)));
  }
  return true;
}

/// Along a new axis.
void GraphBuilder::add_stacked(Scope& scope, const std::vector<int>& places, std::int64_t axis,
                               std::string_view output) {
  const int where = add_constant(scope, Elem::s64, axis);
  graph_.tensors[static_cast<std::size_t>(where)].known.dims = Dims{1};
  std::vector<int> wide;
  for (const int place : places) {
    wide.push_back(add_made(scope, "Unsqueeze", {place, where},
                            graph_.names.emplace_back(fmt::format("{}.{}", output, wide.size()))));
  }
  add_made(scope, "Concat", wide, output, axis);
}

/// False, and nothing is added, where the number of its iterations is known during a run only.
bool GraphBuilder::unroll_loop(Scope& scope, const NodeProto& node, const GraphProto& body) {
  const auto place_of = [&](std::size_t i) {
    return i < node.inputs.size() && !node.inputs[i].empty() ? scope.find(node.inputs[i]) : nobody;
  };
  const auto known = [&](int place) {
    return known_number(graph_.tensors[static_cast<std::size_t>(place)].known);
  };
  const std::optional<std::int64_t> trips =
      place_of(0) == nobody ? std::optional(most_iterations) : known(place_of(0));
  std::optional<std::int64_t> goes_on =
      place_of(1) == nobody ? std::optional<std::int64_t>(1) : known(place_of(1));
  if (!trips) {
    return false;
  }
  const std::size_t nodes_before = graph_.nodes.size();
  const std::size_t tensors_before = graph_.tensors.size();
  const std::size_t remarks_before = graph_.remarks.size();
  Scope around = within(scope);
  add_initializers(around, body);
  std::vector<int> carried;
  for (std::size_t i = 2; i < node.inputs.size(); ++i) {
    carried.push_back(place_of(i));
  }
  std::vector<std::vector<int>> collected;
  for (std::int64_t i = 0; i < *trips && goes_on == 1; ++i) {
    if (i >= most_iterations || graph_.nodes.size() - nodes_before > most_unrolled_nodes) {
      goes_on.reset();
      break;
    }
    std::vector<int> arguments{add_constant(around, Elem::s64, i),
                               add_constant(around, Elem::boolean, 1)};
    arguments.insert(arguments.end(), carried.begin(), carried.end());
    std::vector<int> results =
        body_places(around, node, body, fmt::format("body.{}", i), arguments);
    if (results.size() < 1 + carried.size()) {
      bad_input("its graph has {} results", results.size());
    }
    goes_on = known(results[0]);
    std::copy_n(results.begin() + 1, carried.size(), carried.begin());
    collected.resize(results.size() - 1 - carried.size());
    for (std::size_t c = 0; c < collected.size(); ++c) {
      collected[c].push_back(results[1 + carried.size() + c]);
    }
  }
  const bool none = collected.empty() && node.outputs.size() > carried.size();
  if (!goes_on || none) {
    graph_.nodes.resize(nodes_before);
    graph_.tensors.resize(tensors_before);
    graph_.remarks.resize(remarks_before);
    return false;
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) {
      continue;
    }
    if (i < carried.size()) {
      add_made(scope, "Identity", {carried[i]}, node.outputs[i]);
    } else {
      add_stacked(scope, collected.at(i - carried.size()), 0, node.outputs[i]);
    }
  }
  return true;
}

/// Since opset 9. False, and nothing is added, where the length of its sequences is known during a run only.
bool GraphBuilder::unroll_scan(Scope& scope, const NodeProto& node, const GraphProto& body) {
  const NodeView view(node, scope.version(""));
  const std::int64_t sequences = view.required("num_scan_inputs");
  const std::size_t states = node.inputs.size() - static_cast<std::size_t>(sequences);
  const auto setting = [&](std::string_view name, std::size_t which) {
    const auto given = view.integers_of(name);
    return which < given.size() ? given[which] : 0;
  };
  const auto place_of = [&](std::size_t i) {
    const int place = scope.find(node.inputs.at(i));
    if (place == nobody) {
      bad_input("its input '{}' is made by nobody", node.inputs[i]);
    }
    return place;
  };
  const auto dims_at = [&](int place) {
    return graph_.tensors[static_cast<std::size_t>(place)].known.dims;
  };
  std::vector<std::int64_t> axes;
  std::optional<std::int64_t> steps;
  for (std::size_t s = 0; s < static_cast<std::size_t>(sequences); ++s) {
    const auto dims = dims_at(place_of(states + s));
    if (!dims) {
      return false;
    }
    axes.push_back(static_cast<std::int64_t>(
        view.axis(setting("scan_input_axes", s), static_cast<std::int64_t>(dims->size()))));
    const Dim& length = (*dims)[static_cast<std::size_t>(axes.back())];
    if (!length.known() || (steps && *steps != length.value())) {
      return false;
    }
    steps = length.value();
  }
  if (!steps || *steps < 1 || *steps > most_iterations) {
    return false;
  }
  Scope around = within(scope);
  add_initializers(around, body);
  std::vector<int> carried;
  for (std::size_t i = 0; i < states; ++i) {
    carried.push_back(place_of(i));
  }
  std::vector<std::vector<int>> collected;
  for (std::int64_t i = 0; i < *steps; ++i) {
    std::vector<int> arguments = carried;
    for (std::size_t s = 0; s < static_cast<std::size_t>(sequences); ++s) {
      const bool backwards = setting("scan_input_directions", s) == 1;
      const int place = add_constant(around, Elem::s64, backwards ? *steps - 1 - i : i);
      arguments.push_back(add_made(around, "Gather", {place_of(states + s), place},
                                   graph_.names.emplace_back(fmt::format(
                                       "{}[{}]", node.inputs[states + s], graph_.tensors.size())),
                                   axes[s]));
    }
    const std::vector<int> results =
        body_places(around, node, body, fmt::format("body.{}", i), arguments);
    if (results.size() < states) {
      bad_input("its graph has {} results", results.size());
    }
    std::copy_n(results.begin(), states, carried.begin());
    collected.resize(results.size() - states);
    for (std::size_t c = 0; c < collected.size(); ++c) {
      const bool backwards = setting("scan_output_directions", c) == 1;
      collected[c].insert(backwards ? collected[c].begin() : collected[c].end(),
                          results[states + c]);
    }
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) {
      continue;
    }
    if (i < states) {
      add_made(scope, "Identity", {carried[i]}, node.outputs[i]);
      continue;
    }
    const std::vector<int>& parts = collected.at(i - states);
    const auto rank = static_cast<std::int64_t>(dims_at(parts.front()).value_or(Dims{}).size());
    add_stacked(
        scope, parts,
        static_cast<std::int64_t>(view.axis(setting("scan_output_axes", i - states), rank + 1)),
        node.outputs[i]);
  }
  return true;
}

}  // namespace flopmeter::onnx
