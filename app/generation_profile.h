// The part of a machine's profile that language models need.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/equipment.h"
#include "results/profile.h"

namespace flopmeter {

/// Runs a model of a few wide layers, whose weights no cache holds, in every format that `profile` has no points of on so
/// many threads, as prompts and token by token, and adds what its fused nodes take.
void measure_generation(Profile& profile, const std::vector<std::string>& formats,
                        const std::vector<int>& threads, Equipment& equipment,
                        const std::function<void(const std::string& what)>& progress,
                        const std::function<void(const Profile&)>& save);

}  // namespace flopmeter
