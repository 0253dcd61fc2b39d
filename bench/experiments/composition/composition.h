// What it costs to run layers one behind the other, as a layer that is made of them, instead of each
// by itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/case.h"

namespace flopmeter::composition {

/// One part of a composition.
struct PartTime {
  std::string what;     // "attention/q: linear mb64ic768oc768", "reorder of q_all (ab to BA16a)"
  bool forced = false;  // it brings a tensor into another layout, and is no layer
  double alone = 0;     // seconds as a layer of its own, in warm caches; 0 where it is forced
  double in_place = 0;  // seconds within the run of the whole
  std::string implementation = {};
};

struct CompositionTime {
  double whole = 0;  // seconds of the run
  double parts = 0;  // seconds of all parts, each as a layer of its own
  double ratio = 0;  // median of whole / parts over the rounds
  std::vector<PartTime> each = {};
};

/// CPU seconds on one thread, as medians of rounds in which the whole and every part take turns.
/// Empty where the backend cannot run it.
std::optional<CompositionTime> time_composition(const Problem& problem, const AnyBackend& backend,
                                                int rounds);

}  // namespace flopmeter::composition
