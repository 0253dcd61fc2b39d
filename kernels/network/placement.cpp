#include "kernels/network/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace flopmeter {
namespace {

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

/// Where it lies.
Copy& root_of(Copy& copy) {
  Copy* root = &copy;
  while (root->over != nullptr) {
    root = root->over;
  }
  return *root;
}

}  // namespace

Placement::Placement(const Network& network, Tensors<float>& given, int threads)
    : network_(network), threads_(threads), homes_(network.tensors().size()) {
  for (auto& entry : given.entries()) {
    given_.emplace(entry.name, &entry);
  }
  reserve_plain();
}

void Placement::give(TensorId id, const LayoutPtr& layout) {
  given_layouts_.emplace(id, layout);
  homes_[id].copies.push_back(made(id, unless_plain(layout)));
}

LayoutPtr Placement::offered(TensorId id) const {
  const auto given = given_layouts_.find(id);
  return given == given_layouts_.end() ? kept_in(id) : given->second;
}

/// The layout in which it is made; null where that is plain or not known.
LayoutPtr Placement::kept_in(TensorId id) const {
  const auto& copies = homes_[id].copies;
  return copies.empty() ? nullptr : copies.front().layout;
}

std::span<float> Placement::plain_data(TensorId id) {
  return {reinterpret_cast<float*>(plain_[id]), static_cast<std::size_t>(elements(tensor(id)))};
}

/// The caller's data of a tensor, if he gave some.
Tensors<float>::Entry* Placement::entry(TensorId id) const {
  const auto found = given_.find(tensor(id).name);
  return tensor(id).lifetime == Lifetime::activation || found == given_.end() ? nullptr
                                                                              : found->second;
}

std::size_t Placement::plain_bytes(TensorId id) const {
  return static_cast<std::size_t>(elements(tensor(id))) * sizeof(float);
}

Lifespan Placement::lifespan(TensorId id, std::size_t bytes) const {
  const bool kept = tensor(id).lifetime != Lifetime::activation;
  const std::size_t first = network_.writer(id).value_or(0);
  return {bytes, first, kept ? last_step() : network_.last_reader(id).value_or(first)};
}

void Placement::reserve_plain() {
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

void Placement::write_over(std::size_t index, const EightBits* eight_bits) {
  const Node& node = network_.nodes()[index];
  for (const Edge& edge : node.edges) {
    if (std::ranges::find(node.after, edge.operand, &After::operand) == node.after.end()) {
      continue;
    }
    const auto written_edge = std::ranges::find(node.edges, true, &Edge::writes);
    Copy& result = homes_[written_edge->tensor].copies.front();
    const LayoutPtr added = eight_bits != nullptr && eight_bits->summand
                                ? result.layout->with_codes(*eight_bits->summand)
                                : result.layout;
    if (homes_[edge.tensor].copies.empty()) {
      // An input that nobody has read before lies as it is added.
      homes_[edge.tensor].copies.push_back(made(edge.tensor, added));
    }
    Copy& summand = reading(index, edge.tensor, added);
    const bool ends = tensor(edge.tensor).lifetime == Lifetime::activation &&
                      network_.last_reader(edge.tensor) == index &&
                      std::ranges::count(node.edges, edge.tensor, &Edge::tensor) == 1;
    if (ends && result.data == nullptr && root_of(summand).data == nullptr &&
        summand.bytes == result.bytes) {
      result.over = &summand;
    } else {
      conversions_.push_back({edge.tensor, index, &summand, &result, true});
    }
  }
}

void Placement::settle(std::size_t index, const Edge& edge, Slot& slot, bool takes_slots) {
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
    // What is given is not rounded to 8 bits where it stands: others may read it, and the run does it.
    home.copies.push_back(made(
        edge.tensor, layout != nullptr && (edge.writes || layout->is_real()) ? layout : nullptr));
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

bool Placement::is_written_over(const Copy& copy) const {
  return std::ranges::any_of(homes_, [&](const Home& home) {
    return std::ranges::any_of(home.copies, [&](const Copy& other) { return other.over == &copy; });
  });
}

/// A tensor as it is made or fed. Plain ones of the caller's lie with him.
Copy Placement::made(TensorId id, const LayoutPtr& layout) const {
  const std::size_t bytes = layout == nullptr ? plain_bytes(id) : layout->bytes();
  const Lifespan life = lifespan(id, bytes);
  return {layout, life.first, life.last,
          layout == nullptr && entry(id) != nullptr ? plain_[id] : nullptr, bytes};
}

/// In that layout, as node `index` reads it: also for nodes that come later.
Copy& Placement::reading(std::size_t index, TensorId id, const LayoutPtr& layout) {
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
void Placement::give_places() {
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
  arena_bytes_ += plain_bytes_;
}

void Placement::drop_plain() {
  arena_bytes_ -= plain_bytes_;
  plain_arena_.reset();
}

std::vector<std::span<const std::byte>> Placement::between_nodes() const {
  std::vector<std::span<const std::byte>> all;
  for (TensorId id = 0; id < homes_.size(); ++id) {
    for (const Copy& copy : homes_[id].copies) {
      if (copy.data != nullptr) {
        all.emplace_back(copy.data, copy.bytes);
      }
    }
    if (plain_arena_ && entry(id) == nullptr) {
      all.emplace_back(plain_[id], plain_bytes(id));
    }
  }
  return all;
}

std::function<void()> Placement::converter(const Copy& from, const Copy& to,
                                           bool as_it_lies) const {
  if (as_it_lies || same(from.layout, to.layout)) {
    return [to = to.data, from = from.data, bytes = to.bytes] { std::memcpy(to, from, bytes); };
  }
  return from.layout == nullptr
             ? to.layout->converter_from_plain(from.data, to.data, threads_)
             : from.layout->converter(to.layout.get(), from.data, to.data, threads_);
}

RunPart Placement::part(const Conversion& conversion) const {
  const auto& [id, node, from, to, as_it_lies] = conversion;
  const bool copies = as_it_lies || same(from->layout, to->layout);
  return {fmt::format("{} of {}", copies ? "copy" : "reorder", tensor(id).name),
          copies ? name_of(to->layout)
                 : fmt::format("{} to {}", name_of(from->layout), name_of(to->layout)),
          true, converter(*from, *to, as_it_lies)};
}

/// The caller's tensors that do not lie as he has them, inputs or all others.
std::vector<TensorId> Placement::converted(Lifetime lifetime, bool is) const {
  std::vector<TensorId> ids;
  for (TensorId id = 0; id < homes_.size(); ++id) {
    if (kept_in(id) != nullptr && entry(id) != nullptr && (tensor(id).lifetime == lifetime) == is) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::vector<std::function<void()>> Placement::feeds() const {
  std::vector<std::function<void()>> all;
  for (const TensorId id : converted(Lifetime::input, true)) {
    all.push_back(converter({nullptr, 0, 0, plain_[id], 0}, homes_[id].copies.front()));
  }
  return all;
}

std::vector<std::function<void()>> Placement::fetches() const {
  std::vector<std::function<void()>> all;
  for (const TensorId id : converted(Lifetime::input, false)) {
    all.push_back(converter(homes_[id].copies.front(), {nullptr, 0, 0, plain_[id], 0}));
  }
  return all;
}

}  // namespace flopmeter
