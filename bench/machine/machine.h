// What this machine is and can do: everything that `flopmeter machine` shows.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "bench/clock.h"
#include "results/machine.h"

namespace flopmeter {

struct MachineOptions {
  std::vector<int> cores = {};  // numbers of cores to measure on; empty: one, and all allowed
  bool quick = false;           // the peaks of f32, bf16 and s8 alone, and short looks
};

/// Called before each step: so many of so many are done, and what comes now.
using MachineProgress =
    std::function<void(std::size_t done, std::size_t total, std::string_view what)>;

/// Measures everything, one part after another. Throws BadInput when more cores are asked for than
/// the process may run on.
Machine measure_machine(const MachineOptions& options, const MachineProgress& progress,
                        const Clock& clock = steady_seconds);

}  // namespace flopmeter
