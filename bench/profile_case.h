// One layer as a network finds it: its weights not where the core is, its activations in the caches, each
// in the layout that its kernel wants.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bench/equipment.h"
#include "kernels/case.h"
#include "kernels/network/executor.h"

namespace flopmeter {

/// Seconds of each call with the weights in main memory, in the caches behind a core's own, and in those as
/// far as they fit.
struct ProfileTiming {
  std::vector<double> from_memory, from_cache, from_own;
  std::string implementation;
  Dtype dtype = Dtype::f32;  // in which it ran: f32 where its layer is not computed in fewer bits
};

/// Times the forward pass by the first of the ways that can do it, one call a sample. Before each, all
/// caches, or those of the core, are emptied, and the cores' address translations; the memory of results is left
/// in the caches behind a core's own; then what makes the inputs runs. Unavailable with the reason where it cannot run or has no room.
std::variant<ProfileTiming, Unavailable> time_in_network(const Problem& problem,
                                                         std::span<const Way> ways, Dtype dtype,
                                                         Equipment& equipment);

}  // namespace flopmeter
