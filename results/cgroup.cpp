#include "results/cgroup.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "results/system_file.h"

namespace flopmeter {
namespace {

using std::filesystem::path;

/// quota / period. Empty for "max" (version 2), "-1" (version 1) and for absent files.
std::optional<double> limit(const std::string& quota, const std::string& period) {
  const auto parse = [](const std::string& text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  const double quota_us = parse(quota);
  const double period_us = parse(period);
  return quota_us > 0 && period_us > 0 ? std::optional(quota_us / period_us) : std::nullopt;
}

std::optional<double> limit_of_group(const path& group) {
  const std::vector<std::string> v2 = split(first_line(group / "cpu.max"));
  if (v2.size() == 2) {
    return limit(v2[0], v2[1]);
  }
  return limit(first_line(group / "cpu.cfs_quota_us"), first_line(group / "cpu.cfs_period_us"));
}

/// A group may not exceed the groups above it. A container may be told a path that exists only
/// outside; what it can see is then the top, which the walk reaches too.
std::optional<double> tightest_limit(const path& mount, path group) {
  std::optional<double> tightest;
  while (true) {
    const std::optional<double> here = limit_of_group(mount / group);
    if (here && (!tightest || *here < *tightest)) {
      tightest = here;
    }
    if (group.empty()) {
      return tightest;
    }
    group = group.parent_path();
  }
}

/// Where the hierarchy of these controllers is mounted by custom; version 2 names no controllers.
std::vector<path> mounts(const std::string& controllers) {
  const std::vector<std::string> names = split(controllers, ",");
  if (names.empty()) {
    return {"", "unified"};
  }
  if (std::ranges::find(names, "cpu") == names.end()) {
    return {};
  }
  return {controllers, "cpu"};
}

}  // namespace

std::optional<double> cgroup_quota(const path& root) {
  std::optional<double> tightest;
  for (const std::string& line : first_paragraph(root / "proc/self/cgroup")) {
    // hierarchy:controllers:group
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const path group = path(line.substr(second + 1)).relative_path();
    for (const path& mount : mounts(line.substr(first + 1, second - first - 1))) {
      const auto found = tightest_limit(root / "sys/fs/cgroup" / mount, group);
      if (found && (!tightest || *found < *tightest)) {
        tightest = found;
      }
    }
  }
  return tightest;
}

}  // namespace flopmeter
