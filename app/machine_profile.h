// The part of `flopmeter machine` that a planner needs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/equipment.h"
#include "kernels/dtype.h"
#include "models/plan/profiler.h"
#include "results/profile.h"

namespace flopmeter {

struct MachineProfileOptions {
  std::vector<Dtype> dtypes{Dtype::f32};
  std::vector<int> threads = {};  // empty: 1, half of the cores, all
  double seconds = 130;           // a dtype: three minutes with its points of language models
};

/// One case of a profile.
planner::CaseTiming time_profile_case(const Problem& problem, Dtype dtype, int threads,
                                      Equipment& equipment);

/// Thread counts that are profiled unless others are asked for, of so many cores: 1, half, all.
std::vector<int> profiled_threads(int cores);

/// Measures what `profile` lacks. `save` is called every few seconds.
void measure_profile(Profile& profile, const MachineProfileOptions& options,
                     const std::function<void(const Profile&)>& save);

/// What was measured, in a few lines: rates, points, how far they are off when left out.
std::string profile_text(const MachineFile& file);

/// The machine file at `path`, with its name in messages. Throws BadInput.
MachineFile read_machine_file(const std::string& path);

/// What differs between two machine files: environment, rates, efficiencies of places that both have.
std::string compare_machines(const MachineFile& a, const MachineFile& b);

}  // namespace flopmeter
