#include "kernels/network/executor.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "kernels/network/arena.h"
#include "kernels/network/flatten.h"
#include "kernels/network/slot.h"

namespace flopmeter {
namespace {

using LayoutPtr = std::shared_ptr<const Layout>;

/// Plain layouts are none.
LayoutPtr unless_plain(const LayoutPtr& layout) {
  return layout == nullptr || layout->is_plain() ? nullptr : layout;
}

bool same(const LayoutPtr& a, const LayoutPtr& b) {
  return a == nullptr || b == nullptr ? a == b : a->same_as(*b);
}

std::string name_of(const LayoutPtr& layout) {
  return layout == nullptr ? "plain" : layout->name();
}

/// Memory that is not touched before it is used.
class Bytes {
 public:
  explicit Bytes(std::size_t size) : data_(CacheLineAllocator<std::byte>().allocate(size)) {}
  std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(std::byte* data) const { CacheLineAllocator<std::byte>().deallocate(data, 0); }
  };
  std::unique_ptr<std::byte, Free> data_;
};

/// A tensor in one layout, from the step that makes it to the last that reads it.
struct Copy {
  LayoutPtr layout;
  std::size_t first, last;
  std::byte* data = nullptr;  // where it has to lie, or once it has a place
  std::size_t bytes;
  Copy* over = nullptr;  // written over this one, which ends there
};

/// Where it lies.
Copy& root_of(Copy& copy) {
  Copy* root = &copy;
  while (root->over != nullptr) {
    root = root->over;
  }
  return *root;
}

/// How a tensor lies: as it was made, and what was brought into other layouts.
struct Home {
  std::deque<Copy> copies = {};  // the first is as it was made
};

/// Brings a tensor into another layout before a node.
struct Conversion {
  TensorId tensor;
  std::size_t node;
  const Copy* from;
  Copy* to;
};

/// What a node's operand is bound to.
struct Bound {
  Slot* slot;
  Copy* copy;
};

struct PreparedNode {
  std::unique_ptr<Tensors<float>> tensors;
  std::deque<Slot> slots;  // in the order of the edges
  Prepared prepared;
  Way way;
};

class Executor {
 public:
  Executor(const Network& network, std::span<const Way> ways, Tensors<float>& given)
      : network_(flattened(network)),
        ways_(ways.begin(), ways.end()),
        homes_(network_.tensors().size()) {
    for (auto& entry : given.entries()) {
      given_.emplace(entry.name, &entry);
    }
  }

  /// The reason for which it cannot be done, if there is one.
  std::optional<Unavailable> prepare() {
    reserve_plain();
    for (std::size_t i = 0; i < network_.nodes().size(); ++i) {
      if (auto absence = prepare_node(i)) {
        failed_ = network_.nodes()[i].label;
        return absence;
      }
    }
    give_places();
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
  std::size_t arena_bytes() const { return arena_bytes_; }
  /// The node that could not be prepared.
  const std::string& failed() const { return failed_; }

 private:
  std::size_t last_step() const { return network_.nodes().size(); }

  const Tensor& tensor(TensorId id) const { return network_.tensors()[id]; }

  /// The caller's data of a tensor, if he gave some.
  Tensors<float>::Entry* entry(TensorId id) const {
    const auto found = given_.find(tensor(id).name);
    return tensor(id).lifetime == Lifetime::activation || found == given_.end() ? nullptr
                                                                                : found->second;
  }

  std::size_t plain_bytes(TensorId id) const {
    return static_cast<std::size_t>(elements(tensor(id))) * sizeof(float);
  }

  Lifespan lifespan(TensorId id, std::size_t bytes) const {
    const bool kept = tensor(id).lifetime != Lifetime::activation;
    const std::size_t first = network_.writer(id).value_or(0);
    return {bytes, first, kept ? last_step() : network_.last_reader(id).value_or(first)};
  }

  /// A place for every tensor as if all layouts were plain, for kernels that know no other.
  void reserve_plain() {
    std::vector<Lifespan> lifespans;
    std::vector<TensorId> ids;
    for (TensorId id = 0; id < homes_.size(); ++id) {
      if (auto* given = entry(id)) {
        plain_.push_back(reinterpret_cast<std::byte*>(given->data.data()));
        continue;
      }
      if (!written(tensor(id).lifetime)) {
        throw std::logic_error(fmt::format("no data were given for {}", tensor(id).name));
      }
      plain_.push_back(nullptr);
      ids.push_back(id);
      lifespans.push_back(lifespan(id, plain_bytes(id)));
    }
    const Arena arena = plan_arena(lifespans);
    plain_arena_.emplace(arena.bytes);
    plain_bytes_ = arena.bytes;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      plain_[ids[i]] = plain_arena_->data() + arena.offsets[i];
    }
  }

  std::span<float> plain_data(TensorId id) {
    return {reinterpret_cast<float*>(plain_[id]), static_cast<std::size_t>(elements(tensor(id)))};
  }

  /// Constants have no slot: every kernel keeps them as it wants.
  void make_views(const Node& node, PreparedNode& made) {
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
        const auto& copies = homes_[edge->tensor].copies;
        slot->offered = edge->writes || copies.empty() ? nullptr : copies.front().layout;
        slot->after = operand.role == Role::output ? node.after : std::vector<After>{};
      }
      made.tensors->view(operand.name, operand.role, plain_data(edge->tensor), slot);
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
      if (auto reason = try_way(node, way, made)) {
        reasons.push_back(std::move(*reason));
        continue;
      }
      for (std::size_t i = 0; i < node.edges.size(); ++i) {
        if (is_operand(made, node.edges[i]) &&
            tensor(node.edges[i].tensor).lifetime != Lifetime::constant) {
          settle(index, node.edges[i], made.slots[i], static_cast<bool>(made.prepared.place));
        }
      }
      write_over(index);
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
  std::optional<std::string> try_way(const Node& node, const Way& way, PreparedNode& made) {
    made.slots.clear();
    make_views(node, made);
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
    made.way = way;
    return std::nullopt;
  }

  /// A result that is added to something lies where that does: at its end, or on a copy of it.
  void write_over(std::size_t index) {
    const Node& node = network_.nodes()[index];
    for (const Edge& edge : node.edges) {
      if (std::ranges::find(node.after, edge.operand, &After::operand) == node.after.end()) {
        continue;
      }
      const auto written_edge = std::ranges::find(node.edges, true, &Edge::writes);
      Copy& result = homes_[written_edge->tensor].copies.front();
      Copy& summand = reading(index, edge.tensor, result.layout);
      const bool ends = tensor(edge.tensor).lifetime == Lifetime::activation &&
                        network_.last_reader(edge.tensor) == index &&
                        std::ranges::count(node.edges, edge.tensor, &Edge::tensor) == 1;
      if (ends && result.data == nullptr && root_of(summand).data == nullptr &&
          summand.bytes == result.bytes) {
        result.over = &summand;
      } else {
        conversions_.push_back({edge.tensor, index, &summand, &result});
      }
    }
  }

  /// Finds or makes what the operand is bound to. Kernels that do not take slots work on the plain
  /// data that they have been given.
  void settle(std::size_t index, const Edge& edge, Slot& slot, bool takes_slots) {
    if (takes_slots && slot.chosen == nullptr) {
      return;
    }
    const LayoutPtr layout = takes_slots ? unless_plain(slot.chosen) : nullptr;
    std::byte* fixed = takes_slots ? nullptr : plain_[edge.tensor];
    Home& home = homes_[edge.tensor];
    if (home.copies.empty()) {
      if (!edge.writes && written(tensor(edge.tensor).lifetime)) {
        throw std::logic_error(fmt::format("no node has made {}", tensor(edge.tensor).name));
      }
      home.copies.push_back(made(edge.tensor, layout));
    }
    Copy& copy = edge.writes ? home.copies.front() : reading(index, edge.tensor, layout);
    if (fixed == nullptr || fixed == copy.data) {
      bindings_.push_back({&slot, &copy});
    } else if (copy.over == nullptr && !is_written_over(copy)) {
      copy.data = fixed;
    } else {
      Copy& apart =
          home.copies.emplace_back(Copy{layout, index, index, fixed, plain_bytes(edge.tensor)});
      conversions_.push_back({edge.tensor, index, &copy, &apart});
    }
  }

  bool is_written_over(const Copy& copy) const {
    return std::ranges::any_of(homes_, [&](const Home& home) {
      return std::ranges::any_of(home.copies,
                                 [&](const Copy& other) { return other.over == &copy; });
    });
  }

  /// A tensor as it is made or fed. Plain ones of the caller's lie with him.
  Copy made(TensorId id, const LayoutPtr& layout) const {
    const std::size_t bytes = layout == nullptr ? plain_bytes(id) : layout->bytes();
    const Lifespan life = lifespan(id, bytes);
    return {layout, life.first, life.last,
            layout == nullptr && entry(id) != nullptr ? plain_[id] : nullptr, bytes};
  }

  /// In that layout, as node `index` reads it: also for nodes that come later.
  Copy& reading(std::size_t index, TensorId id, const LayoutPtr& layout) {
    Home& home = homes_[id];
    for (Copy& copy : home.copies) {
      if (same(copy.layout, layout)) {
        copy.last = std::max(copy.last, index);
        return copy;
      }
    }
    const std::size_t bytes = layout == nullptr ? plain_bytes(id) : layout->bytes();
    Copy& copy = home.copies.emplace_back(Copy{layout, index, index, nullptr, bytes});
    conversions_.push_back({id, index, &home.copies.front(), &copy});
    return copy;
  }

  /// One arena for all that has no place yet.
  void give_places() {
    std::vector<Copy*> homeless;
    for (Home& home : homes_) {
      for (Copy& copy : home.copies) {
        Copy& root = root_of(copy);
        root.last = std::max(root.last, copy.last);
        if (&root == &copy && copy.data == nullptr) {
          homeless.push_back(&copy);
        }
      }
    }
    std::vector<Lifespan> lifespans;
    for (const Copy* copy : homeless) {
      lifespans.push_back({copy->bytes, copy->first, copy->last});
    }
    const Arena arena = plan_arena(lifespans);
    arena_.emplace(arena.bytes);
    arena_bytes_ = arena.bytes;
    for (std::size_t i = 0; i < homeless.size(); ++i) {
      homeless[i]->data = arena_->data() + arena.offsets[i];
    }
    for (Home& home : homes_) {
      for (Copy& copy : home.copies) {
        copy.data = root_of(copy).data;
      }
    }
    for (const Bound& binding : bindings_) {
      binding.slot->data = binding.copy->data;
    }
    bool anyone_fixed = false;
    for (const PreparedNode& node : nodes_) {
      if (node.prepared.place) {
        node.prepared.place();
      } else {
        anyone_fixed = true;
      }
    }
    if (anyone_fixed) {
      arena_bytes_ += plain_bytes_;
    } else {
      plain_arena_.reset();
    }
  }

  std::function<void()> converter(const Copy& from, const Copy& to) const {
    const int threads = ways_.front().threads;
    if (same(from.layout, to.layout)) {
      return [to = to.data, from = from.data, bytes = to.bytes] { std::memcpy(to, from, bytes); };
    }
    return from.layout == nullptr
               ? to.layout->converter_from_plain(from.data, to.data, threads)
               : from.layout->converter(to.layout.get(), from.data, to.data, threads);
  }

  RunPart conversion_part(const Conversion& conversion) const {
    const auto& [id, node, from, to] = conversion;
    const bool copies = same(from->layout, to->layout);
    return {fmt::format("{} of {}", copies ? "copy" : "reorder", tensor(id).name),
            copies ? name_of(to->layout)
                   : fmt::format("{} to {}", name_of(from->layout), name_of(to->layout)),
            true, converter(*from, *to)};
  }

  void make_parts() {
    auto conversion = conversions_.begin();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (; conversion != conversions_.end() && conversion->node == i; ++conversion) {
        parts_.push_back({conversion_part(*conversion), i, nodes_[i].way});
      }
      parts_.push_back({{network_.nodes()[i].label, nodes_[i].prepared.implementation, false,
                         nodes_[i].prepared.run},
                        i,
                        nodes_[i].way});
    }
    for (TensorId id = 0; id < homes_.size(); ++id) {
      const auto& copies = homes_[id].copies;
      if (copies.empty() || copies.front().layout == nullptr || entry(id) == nullptr) {
        continue;
      }
      const Copy plain{nullptr, 0, 0, plain_[id], 0};
      if (tensor(id).lifetime == Lifetime::input) {
        feeds_.push_back(converter(plain, copies.front()));
      } else {
        fetches_.push_back(converter(copies.front(), plain));
      }
    }
  }

  Network network_;
  std::vector<Way> ways_;
  std::unordered_map<std::string_view, Tensors<float>::Entry*> given_;
  std::vector<std::byte*> plain_;  // of each tensor
  std::optional<Bytes> plain_arena_, arena_;
  std::deque<AlignedVector<float>> scratch_;
  std::vector<Home> homes_;
  std::deque<PreparedNode> nodes_;
  std::vector<Bound> bindings_;
  std::vector<Conversion> conversions_;  // in the order of nodes
  std::vector<NetworkPart> parts_;
  std::size_t plain_bytes_ = 0, arena_bytes_ = 0;
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

Preparation prepare_network(const Network& network, std::string_view backend, const Setup& setup,
                            Tensors<float>& tensors) {
  if (setup.dtype != Dtype::f32) {
    return Unavailable{"a composition of layers, in f32 only"};
  }
  if (network.connections() == Connections::listed) {
    return Unavailable{"what the nodes of this network read is not known"};
  }
  const Way way{backend, setup.dtype, setup.threads};
  const auto executor = std::make_shared<Executor>(network, std::span(&way, 1), tensors);
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

std::variant<PreparedNetwork, Unavailable> prepare_network(const Network& network,
                                                           std::span<const Way> ways,
                                                           Tensors<float>& tensors) {
  if (network.connections() == Connections::listed) {
    return Unavailable{"what the nodes of this network read is not known"};
  }
  const auto executor = std::make_shared<Executor>(network, ways, tensors);
  if (const auto absence = executor->prepare()) {
    return Unavailable{fmt::format("node '{}': {}", executor->failed(), absence->reason)};
  }
  return PreparedNetwork{.run = [executor] { executor->run(); },
                         .feed = [executor] { executor->feed(); },
                         .fetch = [executor] { executor->fetch(); },
                         .parts = executor->parts(),
                         .arena_bytes = executor->arena_bytes()};
}

}  // namespace flopmeter
