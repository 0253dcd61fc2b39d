#include "models/chain/draft.h"

#include <algorithm>
#include <cmath>

namespace flopmeter::models {

Draft::Draft(const NetworkFile& file)
    : tensors_(file.network.tensors().begin(), file.network.tensors().end()),
      numbers_(file.numbers) {
  for (const Node& node : file.network.nodes()) {
    steps_.push_back({node, {node.label}});
  }
  relate();
}

void Draft::relate() {
  readers_.assign(tensors_.size(), {});
  writers_.assign(tensors_.size(), std::nullopt);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].gone) {
      continue;
    }
    for (const Edge& edge : steps_[i].node.edges) {
      if (edge.writes) {
        writers_[edge.tensor] = i;
      } else {
        readers_[edge.tensor].push_back(i);
      }
    }
  }
}

bool Draft::is(std::size_t i, std::span<const std::string_view> layers) const {
  return !steps_[i].gone && std::ranges::find(layers, steps_[i].node.layer->name) != layers.end();
}

std::optional<TensorId> Draft::operand(std::size_t i, std::string_view name) const {
  const auto& edges = steps_[i].node.edges;
  const auto edge = std::ranges::find(edges, name, &Edge::operand);
  return edge == edges.end() ? std::nullopt : std::optional(edge->tensor);
}

TensorId Draft::result(std::size_t i) const {
  return std::ranges::find(steps_[i].node.edges, true, &Edge::writes)->tensor;
}

std::optional<std::size_t> Draft::writer(TensorId id) const { return writers_[id]; }

std::optional<std::size_t> Draft::writer(TensorId id, std::string_view layer) const {
  const auto step = writers_[id];
  return step && is(*step, {layer}) ? step : std::nullopt;
}

std::optional<std::size_t> Draft::reader(std::size_t i) const {
  const auto writes = std::ranges::count(steps_[i].node.edges, true, &Edge::writes);
  const TensorId id = result(i);
  return writes == 1 && readers_[id].size() == 1 && tensors_[id].lifetime == Lifetime::activation
             ? std::optional(readers_[id].front())
             : std::nullopt;
}

std::optional<TensorId> Draft::other(std::size_t i, TensorId one) const {
  const auto a = operand(i, "src0");
  const auto b = operand(i, "src1");
  if (!a || !b || (*a != one && *b != one)) {
    return std::nullopt;
  }
  return *a == one ? b : a;
}

std::optional<double> Draft::number(TensorId id) const {
  if (!is_constant(id) || count(id) != 1) {
    return std::nullopt;
  }
  return numbers_[id]().front();
}

std::optional<Draft::Scaled> Draft::with_number(std::size_t i) const {
  const auto a = operand(i, "src0");
  const auto b = operand(i, "src1");
  if (!a || !b) {
    return std::nullopt;
  }
  if (const auto second = number(*b)) {
    return Scaled{*a, *second, true};
  }
  const auto first = number(*a);
  return first ? std::optional(Scaled{*b, *first, false}) : std::nullopt;
}

std::vector<std::int64_t> Draft::dims(std::size_t i, std::string_view operand) const {
  const Node& node = steps_[i].node;
  const auto operands = node.layer->operands(node.shape, node.pass);
  const auto found = std::ranges::find(operands, operand, &Operand::name);
  return found == operands.end() ? std::vector<std::int64_t>() : found->dims;
}

std::vector<std::int64_t> Draft::result_dims(std::size_t i) const {
  return dims(i, std::ranges::find(steps_[i].node.edges, true, &Edge::writes)->operand);
}

std::vector<std::int64_t> Draft::dims_of(std::size_t i, TensorId of) const {
  const auto& edges = steps_[i].node.edges;
  const auto edge =
      std::ranges::find_if(edges, [&](const Edge& one) { return one.tensor == of && !one.writes; });
  return edge == edges.end() ? std::vector<std::int64_t>() : dims(i, edge->operand);
}

std::int64_t Draft::field(std::size_t i, std::string_view key) const {
  const Node& node = steps_[i].node;
  const auto found = std::ranges::find(node.layer->fields, key, &FieldInfo::key);
  return node.shape.at(static_cast<std::size_t>(found - node.layer->fields.begin()));
}

TensorId Draft::add_constant(std::string name, std::vector<std::int64_t> dims, Numbers numbers) {
  const auto taken = [&] { return std::ranges::find(tensors_, name, &Tensor::name); };
  while (taken() != tensors_.end()) {
    name += "'";
  }
  tensors_.push_back(
      {.name = std::move(name), .dims = std::move(dims), .lifetime = Lifetime::constant});
  numbers_.push_back(std::move(numbers));
  readers_.emplace_back();
  writers_.emplace_back();
  return tensors_.size() - 1;
}

bool Draft::replace(const std::vector<std::size_t>& members, Node node, std::string_view rule) {
  const std::size_t last = *std::ranges::max_element(members);
  for (const std::size_t member : members) {
    for (const Edge& edge : steps_[member].node.edges) {
      const bool stays = std::ranges::any_of(
          node.edges, [&](const Edge& kept) { return kept.writes && kept.tensor == edge.tensor; });
      const bool inside = std::ranges::all_of(readers_[edge.tensor], [&](std::size_t reader) {
        return std::ranges::find(members, reader) != members.end();
      });
      if (edge.writes && !stays &&
          (!inside || tensors_[edge.tensor].lifetime != Lifetime::activation)) {
        return false;
      }
    }
  }
  Step made{std::move(node)};
  for (const std::size_t member : members) {
    auto& [other, names, rules, gone, eight_bits] = steps_[member];
    made.members.insert(made.members.end(), names.begin(), names.end());
    made.rules.insert(made.rules.end(), rules.begin(), rules.end());
    gone = true;
    made.eight_bits = eight_bits != nullptr ? eight_bits : made.eight_bits;
  }
  made.rules.emplace_back(rule);
  steps_[last] = std::move(made);
  relate();
  return true;
}

void Draft::drop_unread() {
  for (std::size_t i = steps_.size(); i-- > 0;) {
    const bool unread = std::ranges::all_of(steps_[i].node.edges, [&](const Edge& edge) {
      return !edge.writes || (readers_[edge.tensor].empty() &&
                              tensors_[edge.tensor].lifetime == Lifetime::activation);
    });
    if (!steps_[i].gone && unread) {
      steps_[i].gone = true;
      relate();
    }
  }
}

void Draft::set_eight_bits(std::size_t i, TensorId source, EightBits eight_bits,
                           std::string_view rule) {
  std::ranges::find(steps_[i].node.edges, "src", &Edge::operand)->tensor = source;
  steps_[i].eight_bits = std::make_shared<const EightBits>(std::move(eight_bits));
  steps_[i].rules.emplace_back(rule);
  relate();
  drop_unread();
}

NetworkFile Draft::finished(std::string name, std::vector<Step>& steps) && {
  NetworkFile made{Network(std::move(name)), {}};
  std::vector<std::optional<TensorId>> ids(tensors_.size());
  const auto id_of = [&](TensorId old) {
    if (!ids[old]) {
      ids[old] = made.network.add_tensor(tensors_[old]);
      made.numbers.push_back(numbers_[old]);
    }
    return *ids[old];
  };
  for (TensorId id = 0; id < tensors_.size(); ++id) {
    if (tensors_[id].lifetime == Lifetime::input || tensors_[id].lifetime == Lifetime::output) {
      id_of(id);
    }
  }
  for (Step& step : steps_) {
    if (step.gone) {
      continue;
    }
    for (Edge& edge : step.node.edges) {
      edge.tensor = id_of(edge.tensor);
    }
    made.network.add_node(step.node);
    steps.push_back(std::move(step));
  }
  return made;
}

Values with_field(const Node& node, std::string_view key, std::int64_t value) {
  Values values = node.shape;
  const auto found = std::ranges::find(node.layer->fields, key, &FieldInfo::key);
  values.at(static_cast<std::size_t>(found - node.layer->fields.begin())) = value;
  return values;
}

}  // namespace flopmeter::models
