// Classes of nodes that are equally efficient where their shapes are alike, and the axes in which
// shapes are alike: whole numbers, compared by their logarithms.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/case.h"

namespace flopmeter::planner {

/// What an efficiency is a share of: FLOPs a second (2 x MAC of all taps), or bytes a second from main
/// memory; a node whose data lie in caches does better than 1 of the latter.
enum class Work { flops, bytes };

struct Axis {
  std::string_view name;
  std::int64_t low, high;  // of the grid, both included
};

/// Where a node stands: a number for each axis of its class.
using Place = std::vector<std::int64_t>;

struct NodeClass {
  std::string_view name;
  Work work;
  std::vector<Axis> axes;
  std::size_t batch_axis;  // the axis that grows with the batch
  std::string_view layer;  // that is timed for it
  /// The shape of `layer` at a place. Variant 0 is what grids are made of; others differ in what the
  /// axes do not say, such as taps and strides.
  std::string (*shape)(const Place& at, int variant);
};

std::span<const NodeClass> node_classes();

/// Null for a name that is none.
const NodeClass* find_class(std::string_view name);

/// One or more uses of a class in a node: attention is two batched products and a softmax.
struct Located {
  const NodeClass* kind = nullptr;
  Place at;
  double work = 0;    // FLOPs, or elements for classes that count bytes; once
  double repeat = 1;  // times, one after the other: groups, layers of a recurrent network
  std::string approximation = {};  // why it is not what was measured
};

/// Where a forward pass of the layer stands. Composed layers are what they are made of. A layer of
/// no class stands with those that go once through their data, and says so.
std::vector<Located> locate(const AnyLayer& layer, const Values& values);

/// Something that is no layer and moves so many elements.
Located located_copy(std::int64_t elements);

/// The same with a batch so many times as large.
Located scaled(Located located, std::int64_t batch);

}  // namespace flopmeter::planner
