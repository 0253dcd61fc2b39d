#include "models/plan/drift.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "statistics/statistics.h"

namespace flopmeter::planner {
namespace {

constexpr double shortest = 1e-4, longest = 1e-2;  // seconds

}  // namespace

std::vector<const ProfilePoint*> drift_points(const Profile& profile, std::string_view dtype,
                                              int threads, std::size_t most) {
  std::map<std::string_view, std::vector<const ProfilePoint*>> by_kind;
  std::size_t rounds = 0;
  for (const ProfilePoint& point : profile.points) {
    if (point.dtype == dtype && point.threads == threads && point.cache_seconds >= shortest &&
        point.cache_seconds <= longest) {
      auto& all = by_kind[point.kind];
      all.push_back(&point);
      rounds = std::max(rounds, all.size());
    }
  }
  std::vector<const ProfilePoint*> chosen;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const auto& [kind, points] : by_kind) {
      if (round < points.size() && chosen.size() < most) {
        chosen.push_back(points[round]);
      }
    }
  }
  return chosen;
}

std::optional<double> drift(std::span<const double> ratios) {
  return ratios.empty() ? std::nullopt
                        : std::optional(median(std::vector(ratios.begin(), ratios.end())));
}

std::optional<double> drift_around(std::optional<double> before, std::optional<double> after) {
  return before && after ? std::optional(std::sqrt(*before * *after)) : std::nullopt;
}

}  // namespace flopmeter::planner
