// Whether a machine is as fast as it was when it was profiled: neighbours on a host, heat and other programs
// change that from one minute to the next.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "results/profile.h"

namespace flopmeter::planner {

/// Points to be timed again, at most so many: of each class in turn, those that are long enough to be timed
/// and short enough to be timed beside a run.
std::vector<const ProfilePoint*> drift_points(const Profile& profile, std::string_view dtype,
                                              int threads, std::size_t most);

/// The median of seconds now / seconds then; empty where no point was timed again.
std::optional<double> drift(std::span<const double> ratios);

/// Of a run between the two: their geometric mean; empty where one is not known.
std::optional<double> drift_around(std::optional<double> before, std::optional<double> after);

}  // namespace flopmeter::planner
