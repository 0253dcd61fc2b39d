// One layer as a network finds it: its weights in main memory, its activations in the caches, each in
// the layout that its kernel wants.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "bench/equipment.h"
#include "kernels/case.h"

namespace flopmeter {

/// Seconds of each call, and the roof of arithmetic beside them, in operations a second.
struct ProfileTiming {
  std::vector<double> samples;
  double operations_per_second = 0;
};

/// Times the forward pass on oneDNN, one call a sample: the caches are emptied, what makes the inputs
/// runs, then the layer alone is timed. Three samples at the least, more while they take less than
/// 20 ms. Unavailable with the reason where it cannot run or has no room.
std::variant<ProfileTiming, Unavailable> time_in_network(const Problem& problem, Dtype dtype,
                                                         int threads, Equipment& equipment);

}  // namespace flopmeter
