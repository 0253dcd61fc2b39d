// How much CPU time the control groups of this process allow: a container of 2 cores on a machine
// of 64 still sees 64, and is throttled.
#pragma once

#include <filesystem>
#include <optional>

namespace flopmeter {

/// The tightest limit, in cores, of this process's group and the groups around it, version 1 or 2.
/// Empty: no limit that can be seen from here.
std::optional<double> cgroup_quota(const std::filesystem::path& root);

}  // namespace flopmeter
