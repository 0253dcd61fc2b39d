// What it costs to run layers one behind the other, as a layer that is made of them, instead of each
// by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/case.h"

namespace flopmeter::composition {

/// One part of a composition, in seconds.
struct PartTime {
  std::string what;     // "attention/q: linear mb64ic768oc768", "reorder of q_all (ab to BA16a)"
  bool forced = false;  // it brings a tensor into another layout, and is no layer
  double warm = 0;      // as a layer of its own, called again and again; 0 where it is forced
  double in_place = 0;  // within the run of the whole
  std::string implementation = {};
};

/// Seconds, as medians over rounds.
struct CompositionTime {
  double whole = 0;          // of the run
  double in_turn = 0;        // of all parts as layers of their own, called one behind the other
  double warm = 0;           // the sum of the parts, each called again and again
  double ratio = 0;          // whole / warm
  double in_turn_ratio = 0;  // whole / in_turn: what is left of it without the weights' caches
  std::int64_t constant_bytes = 0;  // which a run reads: of the parts together, f32
  std::vector<PartTime> each = {};

  /// What it takes to bring tensors into other layouts, within the whole.
  double forced() const;
};

/// CPU seconds on one thread, as medians of rounds in which the whole, the parts in turn and every part
/// by itself are timed. Layers that are called in turn drive each other's weights out of the caches,
/// as they do within the whole; called by themselves they do not. Empty where the backend cannot run
/// it.
std::optional<CompositionTime> time_composition(const Problem& problem, const AnyBackend& backend,
                                                int rounds);

}  // namespace flopmeter::composition
