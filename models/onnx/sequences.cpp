// Sequences of tensors: what they hold follows of the graph, so that their nodes are cuts, views and joins.
#include <algorithm>
#include <array>

#include "kernels/bad_input.h"
#include "models/onnx/builder.h"

namespace flopmeter::onnx {

/// Inputs as they were when the node was reached: adding nodes moves tensors.
struct SequenceNode {
  NodeView view;
  std::vector<int> places = {};
  std::vector<Tensor> known = {};

  std::string_view op() const { return view.proto.op; }
};

namespace {

constexpr std::int64_t most_tensors = 4096;

constexpr std::array making{"SequenceEmpty", "SequenceConstruct", "SequenceInsert",
                            "SequenceErase", "SplitToSequence",   "Identity"};
constexpr std::array taking{"SequenceAt", "SequenceLength", "ConcatFromSequence"};

template <class Names>
bool is_in(const Names& names, std::string_view op) {
  return std::ranges::find(names, op) != names.end();
}

/// The places of the tensors of input 0; nothing where a run decides.
std::optional<std::vector<int>> held(const SequenceNode& n) {
  const Content* content = n.view.content(0);
  if (content == nullptr || !n.view.in(0).sequence) {
    return std::nullopt;
  }
  std::vector<int> places;
  for (const Dim& place : content->integers) {
    places.push_back(static_cast<int>(place.value()));
  }
  return places;
}

/// Position `input` among `size`, counted from behind where it is negative; `otherwise` where it is left out.
std::optional<std::ptrdiff_t> position(const SequenceNode& n, std::size_t input, std::size_t size,
                                       std::size_t otherwise) {
  if (!n.view.has(input)) {
    return static_cast<std::ptrdiff_t>(otherwise);
  }
  const Content* content = n.view.content(input);
  if (content == nullptr || content->real || content->size() != 1 ||
      !content->integers[0].known()) {
    return std::nullopt;
  }
  const std::int64_t given = content->integers[0].value();
  const auto count = static_cast<std::int64_t>(size);
  if (given < -count || given >= count + (n.op() == "SequenceInsert" ? 1 : 0)) {
    bad_input("position {} in a sequence of {} tensors", given, size);
  }
  return static_cast<std::ptrdiff_t>(given < 0 ? given + count : given);
}

/// Along an axis of `size`: parts of one size, the last with what is left, or as listed; of 1 where nothing is said.
std::optional<Sizes> parts_of(const SequenceNode& n, std::int64_t size) {
  if (!n.view.has(1)) {
    return Sizes(static_cast<std::size_t>(size), 1);
  }
  if (n.view.content(1) == nullptr || !all_known(n.view.integers(1))) {
    return std::nullopt;
  }
  Sizes parts = n.view.known_integers(1);
  if (parts.empty() || std::ranges::any_of(parts, [](std::int64_t part) { return part < 0; })) {
    bad_input("it is split into parts of negative size, or none");
  }
  if (n.view.rank(1) == 0) {
    const std::int64_t part = parts[0];
    if (part == 0 || size / part >= most_tensors) {
      bad_input("it is split into parts of {}", part);
    }
    parts.assign(static_cast<std::size_t>(size / part), part);
    if (size % part != 0) {
      parts.push_back(size % part);
    }
  }
  return parts;
}

}  // namespace

/// A list of one number, as Slice reads it.
int GraphBuilder::add_places(Scope& scope, std::int64_t first) {
  const int place = add_constant(scope, Elem::s64, first);
  graph_.tensors[static_cast<std::size_t>(place)].known.dims = Dims{1};
  return place;
}

std::optional<std::vector<int>> GraphBuilder::split(Scope& scope, const SequenceNode& n) {
  if (n.view.in(0).sequence || !n.view.in(0).dims) {
    return std::nullopt;
  }
  const std::size_t axis = n.view.axis(n.view.integer("axis", 0), n.view.rank(0));
  const Dim& along = n.view.dims(0).at(axis);
  if (!along.known() || along.value() > most_tensors * max_content) {
    return std::nullopt;
  }
  const std::optional<Sizes> parts = parts_of(n, along.value());
  if (!parts || std::ssize(*parts) > most_tensors) {
    return std::nullopt;
  }
  const bool dropped = !n.view.has(1) && n.view.integer("keepdims", 1) == 0;
  std::vector<int> places;
  std::int64_t first = 0;
  for (const std::int64_t part : *parts) {
    const std::string_view name =
        graph_.names.emplace_back(fmt::format("{}.{}", n.view.proto.outputs.at(0), places.size()));
    if (dropped) {
      places.push_back(add_made(scope, "Gather",
                                {n.places[0], add_constant(scope, Elem::s64, first)}, name,
                                static_cast<std::int64_t>(axis)));
    } else {
      const int from = add_places(scope, first);
      const int to = add_places(scope, first + part);
      places.push_back(add_made(
          scope, "Slice",
          {n.places[0], from, to, add_places(scope, static_cast<std::int64_t>(axis))}, name));
    }
    first += part;
  }
  if (first != along.value()) {
    bad_input("its parts are {} in sum, and there are {}", first, along.value());
  }
  return places;
}

std::optional<std::vector<int>> GraphBuilder::made_sequence(Scope& scope, const SequenceNode& n) {
  if (n.op() == "SequenceEmpty") {
    return std::vector<int>{};
  }
  if (n.op() == "SequenceConstruct") {
    return n.places;
  }
  if (n.op() == "SplitToSequence") {
    return split(scope, n);
  }
  std::optional<std::vector<int>> places = held(n);
  if (!places || n.op() == "Identity") {
    return places;
  }
  const bool inserts = n.op() == "SequenceInsert";
  if (!inserts && places->empty()) {
    bad_input("a sequence of no tensors");
  }
  const auto at =
      position(n, inserts ? 2 : 1, places->size(), inserts ? places->size() : places->size() - 1);
  if (!at) {
    return std::nullopt;
  }
  if (inserts) {
    n.view.in(1);
    places->insert(places->begin() + *at, n.places[1]);
  } else {
    places->erase(places->begin() + *at);
  }
  return places;
}

/// False, and nothing is added, where what it takes is known during a run only.
bool GraphBuilder::take_from_sequence(Scope& scope, const SequenceNode& n) {
  const std::optional<std::vector<int>> places = held(n);
  const std::string_view output = n.view.proto.outputs.at(0);
  if (!places) {
    return false;
  }
  if (n.op() == "SequenceLength") {
    add_made(scope, "Identity",
             {add_constant(scope, Elem::s64, static_cast<std::int64_t>(places->size()))}, output);
    return true;
  }
  if (n.op() == "SequenceAt") {
    n.view.in(1);
    const auto at = position(n, 1, places->size(), 0);
    if (at) {
      add_made(scope, "Identity", {(*places)[static_cast<std::size_t>(*at)]}, output);
    }
    return at.has_value();
  }
  if (places->empty()) {
    bad_input("a sequence of no tensors");
  }
  const std::int64_t axis = n.view.required("axis");
  if (n.view.integer("new_axis", 0) == 0) {
    add_made(scope, "Concat", *places, output, axis);
  } else {
    add_stacked(scope, *places, axis, output);
  }
  return true;
}

bool GraphBuilder::add_sequence(Scope& scope, const NodeProto& node) {
  if (!node.domain.empty() || !(is_in(making, node.op) || is_in(taking, node.op))) {
    return false;
  }
  SequenceNode n{NodeView(node, scope.version(""))};
  for (const std::string_view name : node.inputs) {
    n.places.push_back(name.empty() ? nobody : scope.find(name));
    if (!name.empty() && n.places.back() == nobody) {
      bad_input("its input '{}' is made by nobody", name);
    }
    n.known.push_back(
        name.empty() ? Tensor{} : graph_.tensors[static_cast<std::size_t>(n.places.back())].known);
  }
  for (std::size_t i = 0; i < n.known.size(); ++i) {
    n.view.inputs.push_back(n.places[i] == nobody ? nullptr : &n.known[i]);
  }
  n.view.outputs.resize(node.outputs.size());
  if (node.op == "Identity" && !(n.view.has(0) && n.view.in(0).sequence)) {
    return false;
  }
  if (is_in(taking, node.op) && take_from_sequence(scope, n)) {
    return true;
  }
  int writer = nobody;
  if (is_in(making, node.op)) {
    Tensor& made = n.view.outputs.at(0);
    made.sequence = true;
    if (const auto places = made_sequence(scope, n)) {
      made.content = integers_of({places->begin(), places->end()});
    }
  }
  if (node.op != "Identity" && n.view.outputs.at(0).content == nullptr) {
    writer = add_control_node(scope, node, "what its sequence holds is known during a run only");
    take_stated_shapes(scope, n.view);
  }
  set_outputs(scope, node, std::move(n.view.outputs), writer);
  return true;
}

}  // namespace flopmeter::onnx
