// Where the tensors of a network lie while it runs, and in which layouts: private to the executor.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/network/arena.h"
#include "kernels/network/network.h"
#include "kernels/network/slot.h"

namespace flopmeter {

using LayoutPtr = std::shared_ptr<const Layout>;

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
  bool as_it_lies = false;  // bytes are copied, whatever they mean there
};

/// Tensors as their writers leave them and as their readers take them, sums in place, one arena for all that is not the
/// caller's. Nodes settle in the order of computation; then places are given.
class Placement {
 public:
  /// `given`: the caller's tensors, which must outlive it, as the network must. `threads`: of conversions.
  Placement(const Network& network, Tensors<float>& given, int threads);

  /// An input lies so, whatever its first reader would like. Before any node settles.
  void give(TensorId id, const LayoutPtr& layout);
  /// How a tensor lies as its writer left it or as it was given; null where that is not known, or plain
  /// and not given.
  LayoutPtr offered(TensorId id) const;
  /// A place for every tensor as if all layouts were plain, for kernels that know no other.
  std::span<float> plain_data(TensorId id);
  /// Finds or makes what operand `edge` of node `index` is bound to. Kernels that do not take slots work on the
  /// plain data that they have been given.
  void settle(std::size_t index, const Edge& edge, Slot& slot, bool takes_slots);
  /// What is added to the node's result lies where that does: at its end, or on a copy of it.
  /// `eight_bits`: how both lie, where the result is written as codes.
  void write_over(std::size_t index, const EightBits* eight_bits = nullptr);

  /// Memory, once all nodes have settled; slots have their data from then on.
  void give_places();
  /// No kernel works on plain data.
  void drop_plain();
  std::size_t arena_bytes() const { return arena_bytes_; }
  /// The memory of each tensor that lies between nodes; several may share it at different times.
  std::vector<std::span<const std::byte>> between_nodes() const;

  /// In the order of nodes.
  const std::vector<Conversion>& conversions() const { return conversions_; }
  RunPart part(const Conversion& conversion) const;
  /// What brings the caller's inputs to where they are read, and results back.
  std::vector<std::function<void()>> feeds() const;
  std::vector<std::function<void()>> fetches() const;

 private:
  /// What a node's operand is bound to.
  struct Bound {
    Slot* slot;
    Copy* copy;
  };

  const Tensor& tensor(TensorId id) const { return network_.tensors()[id]; }
  std::size_t last_step() const { return network_.nodes().size(); }
  LayoutPtr kept_in(TensorId id) const;
  Tensors<float>::Entry* entry(TensorId id) const;
  std::size_t plain_bytes(TensorId id) const;
  Lifespan lifespan(TensorId id, std::size_t bytes) const;
  void reserve_plain();
  bool is_written_over(const Copy& copy) const;
  Copy made(TensorId id, const LayoutPtr& layout) const;
  Copy& reading(std::size_t index, TensorId id, const LayoutPtr& layout);
  std::function<void()> converter(const Copy& from, const Copy& to, bool as_it_lies = false) const;
  std::vector<TensorId> converted(Lifetime lifetime, bool is) const;

  const Network& network_;
  int threads_;
  std::unordered_map<std::string_view, Tensors<float>::Entry*> given_;
  std::unordered_map<TensorId, LayoutPtr> given_layouts_;
  std::vector<std::byte*> plain_;  // of each tensor
  std::optional<Bytes> plain_arena_, arena_;
  std::vector<Home> homes_;
  std::vector<Bound> bindings_;
  std::vector<Conversion> conversions_;
  std::size_t arena_bytes_ = 0, plain_bytes_ = 0;
};

}  // namespace flopmeter
