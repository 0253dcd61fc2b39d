#include "app/machine_drift.h"

#include <vector>

#include "app/machine_profile.h"
#include "models/plan/drift.h"

namespace flopmeter {

std::optional<double> measured_drift(const MachineFile& file, Dtype dtype, int threads,
                                     Equipment& equipment) {
  constexpr std::size_t most = 16;
  if (!file.profile) {
    return {};
  }
  std::vector<double> ratios;
  for (const ProfilePoint* then :
       planner::drift_points(*file.profile, to_string(dtype), threads, most)) {
    const Problem problem = parse_problem(find_layer(then->layer), then->shape);
    const double now =
        planner::typical_seconds(time_profile_case(problem, dtype, threads, equipment).cache);
    if (now > 0) {
      ratios.push_back(now / then->cache_seconds);
    }
  }
  return planner::drift(ratios);
}

}  // namespace flopmeter
