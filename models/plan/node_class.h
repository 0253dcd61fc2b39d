// Classes of nodes that are equally efficient where their shapes are alike, and the axes in which
// shapes are alike: whole numbers, compared by their logarithms.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/case.h"

namespace flopmeter::planner {

/// What the simple model of a class counts: FLOPs (2 x MAC of all taps), or bytes.
enum class Work { flops, bytes };

/// Where a node stands: a number for each axis of its class.
using Place = std::vector<std::int64_t>;

/// Numbers of the generator itself: distributions differ between libraries.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  double share() { return static_cast<double>(random_() >> 11U) * 0x1p-53; }  // 0 to 1
  bool with(double probability) { return share() < probability; }
  /// Whole, both ends included, its logarithm uniform.
  std::int64_t log_uniform(std::int64_t low, std::int64_t high);
  /// Mostly multiples of 16, else of 8, as networks have them.
  std::int64_t channels(std::int64_t low, std::int64_t high);
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return all.begin()[random_() % all.size()];
  }

 private:
  std::mt19937_64 random_;
};

/// What is timed for a class.
struct Drawn {
  std::string_view layer;
  std::string shape;
};

struct NodeClass {
  std::string_view name;
  Work work;
  std::vector<std::string_view> axes;
  std::size_t batch_axis;  // the axis that grows with the batch
  double share;            // of the time of a profile, next to the others'
  /// A shape as networks have them.
  Drawn (*draw)(Draw&);
  /// The axis of parts that are done one after the other, each with a fixed cost of its own; none: one part.
  std::optional<std::size_t> parts_axis = {};

  /// So many.
  double parts(const Place& at) const {
    return parts_axis ? static_cast<double>(at.at(*parts_axis)) : 1;
  }
};

std::span<const NodeClass> node_classes();

/// Null for a name that is none.
const NodeClass* find_class(std::string_view name);

/// One or more uses of a class in a node: attention is two batched products and a softmax.
struct Located {
  const NodeClass* kind = nullptr;
  Place at;
  double work = 0;                 // FLOPs, or elements for classes that count bytes; once
  double repeat = 1;               // times, one after the other: layers of a recurrent network
  std::string approximation = {};  // why it is not what was measured
  bool fused = false;              // a part of another primitive: it has no fixed cost of its own
};

/// Where a forward pass of the layer stands. Composed layers are what they are made of. A layer of
/// no class stands with those that go once through their data, and says so.
std::vector<Located> locate(const AnyLayer& layer, const Values& values);

/// A function that is done to so many results of another node; none where it adds nothing to speak of.
/// "gelu_erf", or with numbers behind it.
std::optional<Located> located_after(std::string_view function, std::int64_t elements);

/// Something that is no layer and moves so many elements.
Located located_copy(std::int64_t elements);

/// The same with a batch so many times as large.
Located scaled(Located located, std::int64_t batch);

}  // namespace flopmeter::planner
