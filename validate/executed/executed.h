// What the machine code of a backend does for a case, and whether counting it left the results as
// they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "counters/executed/counter.h"
#include "counters/retired/comparison.h"
#include "counters/retired/counters.h"
#include "kernels/inputs.h"

namespace flopmeter {

/// One call of a case on one thread. Everything between call and return counts: the kernel, the
/// library around it, and of compositions the change of layouts between their steps.
struct Executed {
  OpCounts active;  // lanes that the masks let through
  OpCounts full;    // all lanes of the registers
  executed::Totals totals;
  std::vector<executed::HotSpot> hot_spots;  // by function, where that was asked for
  executed::Remarks remarks;
  retired::CaseComparison retired;  // the CPU's own count of native calls, against these totals
  std::int64_t instructions = 0;
  std::string implementation;  // the backend's own word for what ran
  std::string problem;         // why there is no count; empty when there is one
  std::string disagreement;  // the first result that counting changed; empty when all are the same

  bool counted() const { return problem.empty(); }
};

/// The inputs that a case is executed with when there are no others. Nothing is made yet.
Inputs inputs_of(const Case& subject);

/// By functions, too: the symbols of libraries are read for each case.
enum class Detail { totals, functions };

/// Runs the case under the counter, and natively, and holds the results against one another, bit by
/// bit. Before that it is run with other inputs, so that what a library makes in its first call is
/// not counted and no result is left from an earlier run. Where the CPU counts FLOPs itself, as
/// many native calls more as that takes groups of events. Throws CountOverflow, BadInput for an
/// unknown backend, and what the backend throws.
Executed execute(const Case& subject, Inputs& inputs, Detail detail = Detail::totals,
                 retired::Counters& counters = retired::counters_of_this_thread());

}  // namespace flopmeter
