#include "kernels/network/executor.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "kernels/network/flatten.h"
#include "kernels/network/placement.h"
#include "kernels/network/slot.h"

namespace flopmeter {
namespace {

struct PreparedNode {
  std::unique_ptr<Tensors<float>> tensors;
  std::deque<Slot> slots;  // in the order of the edges
  Prepared prepared;
  Way way;
};

class Executor {
 public:
  /// Nodes that are to be computed in 8 bits are no networks themselves.
  Executor(const Network& network, std::span<const Way> ways, Tensors<float>& given,
           std::span<const std::shared_ptr<const EightBits>> eight_bits = {})
      : network_(flattened(network)),
        ways_(ways.begin(), ways.end()),
        eight_bits_(network_.nodes().size() == eight_bits.size()
                        ? std::vector(eight_bits.begin(), eight_bits.end())
                        : std::vector<std::shared_ptr<const EightBits>>(network_.nodes().size())),
        placement_(network_, given, ways.front().threads) {}

  /// Before it is prepared.
  void give(std::span<const GivenLayout> layouts) {
    for (const GivenLayout& one : layouts) {
      placement_.give(network_.at(one.tensor), one.layout);
    }
  }

  /// The reason for which it cannot be done, if there is one.
  std::optional<Unavailable> prepare() {
    for (std::size_t i = 0; i < network_.nodes().size(); ++i) {
      if (auto absence = prepare_node(i)) {
        failed_ = network_.nodes()[i].label;
        return absence;
      }
    }
    place();
    make_parts();
    feed();
    return std::nullopt;
  }

  void run() const {
    for (const NetworkPart& part : parts_) {
      part.what.run();
    }
  }

  void feed() const {
    for (const auto& convert : feeds_) {
      convert();
    }
    for (const PreparedNode& node : nodes_) {
      node.prepared.feed();
    }
  }

  void fetch() const {
    for (const PreparedNode& node : nodes_) {
      node.prepared.fetch();
    }
    for (const auto& convert : fetches_) {
      convert();
    }
  }

  const std::vector<NetworkPart>& parts() const { return parts_; }
  std::size_t arena_bytes() const { return placement_.arena_bytes(); }
  std::vector<std::span<const std::byte>> between_nodes() const {
    return placement_.between_nodes();
  }
  /// The node that could not be prepared.
  const std::string& failed() const { return failed_; }

 private:
  const Tensor& tensor(TensorId id) const { return network_.tensors()[id]; }

  /// Constants have no slot: every kernel keeps them as it wants.
  void make_views(std::size_t index, PreparedNode& made) {
    const Node& node = network_.nodes()[index];
    made.tensors = std::make_unique<Tensors<float>>(std::span<const Operand>{});
    made.slots.resize(node.edges.size());
    for (const Operand& operand : node.layer->operands(node.shape, node.pass)) {
      const auto edge = std::ranges::find(node.edges, operand.name, &Edge::operand);
      if (edge == node.edges.end()) {
        if (written(operand.role)) {
          made.tensors->view(operand.name, operand.role, scratch(operand));
        }
        continue;
      }
      Slot* slot = nullptr;
      if (tensor(edge->tensor).lifetime != Lifetime::constant) {
        slot = &made.slots[static_cast<std::size_t>(edge - node.edges.begin())];
        slot->offered = edge->writes ? nullptr : placement_.offered(edge->tensor);
        slot->eight_bits = operand.name == "src" ? eight_bits_[index].get() : nullptr;
        slot->after = operand.role == Role::output ? node.after : std::vector<After>{};
        const bool coded = operand.role == Role::output && eight_bits_[index] != nullptr &&
                           eight_bits_[index]->dst;
        slot->result_bits = coded ? eight_bits_[index].get() : nullptr;
      }
      made.tensors->view(operand.name, operand.role, placement_.plain_data(edge->tensor), slot);
    }
  }

  /// For what a layer saves and nobody asked for.
  std::span<float> scratch(const Operand& operand) {
    return scratch_.emplace_back(static_cast<std::size_t>(elements(operand)));
  }

  std::optional<Unavailable> prepare_node(std::size_t index) {
    const Node& node = network_.nodes()[index];
    if (node.layer == nullptr) {
      return Unavailable{fmt::format("{} ({}) is no layer", node.label, node.operation)};
    }
    PreparedNode& made = nodes_.emplace_back();
    std::vector<std::string> reasons;
    for (const Way& way : ways_) {
      if (!node.layer->offers(way.backend)) {
        continue;
      }
      if (way.dtype == Dtype::s8 && eight_bits_[index] == nullptr) {
        continue;
      }
      if (way.dtype != Dtype::f32 && of_integers(network_, node)) {
        continue;
      }
      if (auto reason = try_way(index, way, made)) {
        reasons.push_back(std::move(*reason));
        continue;
      }
      for (std::size_t i = 0; i < node.edges.size(); ++i) {
        if (is_operand(made, node.edges[i]) &&
            tensor(node.edges[i].tensor).lifetime != Lifetime::constant) {
          placement_.settle(index, node.edges[i], made.slots[i],
                            static_cast<bool>(made.prepared.place));
        }
      }
      placement_.write_over(index,
                            made.way.dtype == Dtype::s8 ? eight_bits_[index].get() : nullptr);
      return std::nullopt;
    }
    return Unavailable{reasons.empty()
                           ? fmt::format("{} has no backend of those", node.layer->name)
                           : fmt::format("{}: {}", node.layer->name, fmt::join(reasons, "; "))};
  }

  static bool is_operand(PreparedNode& made, const Edge& edge) {
    return made.tensors->find(edge.operand) != nullptr;
  }

  /// Prepares it; else the reason for which this way cannot.
  std::optional<std::string> try_way(std::size_t index, const Way& way, PreparedNode& made) {
    const Node& node = network_.nodes()[index];
    made.slots.clear();
    make_views(index, made);
    const Setup setup{node.pass, way.dtype, way.threads};
    Preparation preparation =
        node.layer->backend(way.backend).prepare(node.shape, setup, *made.tensors);
    if (auto* absence = std::get_if<Unavailable>(&preparation)) {
      return absence->reason;
    }
    if (!node.after.empty() && std::ranges::none_of(made.slots, &Slot::does_after)) {
      return fmt::format("{} does nothing more to its result", way.backend);
    }
    made.prepared = std::get<Prepared>(std::move(preparation));
    if (way.dtype != Dtype::f32 && !made.prepared.place) {
      // Its copies in that number type are made by feed and fetch, which no run calls.
      return fmt::format("{} takes no {} tensors of other nodes", way.backend,
                         to_string(way.dtype));
    }
    made.way = way;
    return std::nullopt;
  }

  /// Plain memory is only kept where a kernel works on it.
  void place() {
    placement_.give_places();
    bool anyone_fixed = false;
    for (const PreparedNode& node : nodes_) {
      anyone_fixed = anyone_fixed || !node.prepared.place;
      if (node.prepared.place) {
        node.prepared.place();
      }
    }
    if (!anyone_fixed) {
      placement_.drop_plain();
    }
  }

  void make_parts() {
    auto conversion = placement_.conversions().begin();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (; conversion != placement_.conversions().end() && conversion->node == i; ++conversion) {
        parts_.push_back({placement_.part(*conversion), i, nodes_[i].way});
      }
      parts_.push_back({{network_.nodes()[i].label, nodes_[i].prepared.implementation, false,
                         nodes_[i].prepared.run},
                        i,
                        nodes_[i].way});
    }
    feeds_ = placement_.feeds();
    fetches_ = placement_.fetches();
  }

  Network network_;
  std::vector<Way> ways_;
  std::vector<std::shared_ptr<const EightBits>> eight_bits_;  // by node
  Placement placement_;
  std::deque<AlignedVector<float>> scratch_;
  std::deque<PreparedNode> nodes_;
  std::vector<NetworkPart> parts_;
  std::string failed_;
  std::vector<std::function<void()>> feeds_, fetches_;
};

std::string joined(std::span<const RunPart> parts, bool forced, std::string_view separator) {
  std::vector<std::string> names;
  for (const RunPart& part : parts) {
    std::string name =
        forced ? fmt::format("{} ({})", part.label, part.implementation) : part.implementation;
    if (part.forced == forced && std::ranges::find(names, name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return fmt::format("{}", fmt::join(names, separator));
}

/// "jit:avx512_core, brgemm:avx512_core; reorder of hidden (aBcd16b to abcd)", each once.
std::string implementation_of(std::span<const RunPart> parts) {
  const std::string reorders = joined(parts, true, "; ");
  return joined(parts, false, ", ") + (reorders.empty() ? "" : "; " + reorders);
}

}  // namespace

bool of_integers(const Network& network, const Node& node) {
  return std::ranges::any_of(node.edges, [&](const Edge& edge) {
    return network.tensors()[edge.tensor].domain.kind == Domain::Kind::index;
  });
}

Preparation prepare_network(const Network& network, std::string_view backend, const Setup& setup,
                            Tensors<float>& tensors, std::span<const GivenLayout> given) {
  if (setup.dtype != Dtype::f32) {
    return Unavailable{"a composition of layers, in f32 only"};
  }
  if (network.connections() == Connections::listed) {
    return Unavailable{"what the nodes of this network read is not known"};
  }
  const Way way{backend, setup.dtype, setup.threads};
  const auto executor = std::make_shared<Executor>(network, std::span(&way, 1), tensors);
  executor->give(given);
  if (const auto absence = executor->prepare()) {
    return *absence;
  }
  std::vector<RunPart> parts;
  for (const NetworkPart& part : executor->parts()) {
    parts.push_back(part.what);
  }
  return Prepared{.run = [executor] { executor->run(); },
                  .feed = [executor] { executor->feed(); },
                  .fetch = [executor] { executor->fetch(); },
                  .implementation = implementation_of(parts),
                  .parts = parts};
}

std::variant<PreparedNetwork, Unavailable> prepare_network(
    const Network& network, std::span<const Way> ways, Tensors<float>& tensors,
    std::span<const std::shared_ptr<const EightBits>> eight_bits) {
  if (network.connections() == Connections::listed) {
    return Unavailable{"what the nodes of this network read is not known"};
  }
  const auto executor = std::make_shared<Executor>(network, ways, tensors, eight_bits);
  if (const auto absence = executor->prepare()) {
    return Unavailable{fmt::format("node '{}': {}", executor->failed(), absence->reason)};
  }
  return PreparedNetwork{.run = [executor] { executor->run(); },
                         .feed = [executor] { executor->feed(); },
                         .fetch = [executor] { executor->fetch(); },
                         .parts = executor->parts(),
                         .arena_bytes = executor->arena_bytes(),
                         .between_nodes = executor->between_nodes()};
}

}  // namespace flopmeter
