// How fast this machine is now, beside what its file says of it.
#pragma once

#include <optional>

#include "bench/equipment.h"
#include "kernels/dtype.h"
#include "results/profile.h"

namespace flopmeter {

/// Times some of the file's own points again: the median of seconds now / seconds then, above 1 where the machine is
/// slower than it was. Empty where the file has no points of that dtype on so many threads. Takes about a
/// second.
std::optional<double> measured_drift(const MachineFile& file, Dtype dtype, int threads,
                                     Equipment& equipment);

}  // namespace flopmeter
