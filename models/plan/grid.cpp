#include "models/plan/grid.h"

#include <algorithm>
#include <cmath>

namespace flopmeter::planner {
namespace {

double log_of(std::int64_t value) {
  return std::log2(static_cast<double>(std::max<std::int64_t>(value, 1)));
}

/// How far along [low, high] the value lies, from 0 to 1.
double share(std::int64_t low, std::int64_t high, std::int64_t value) {
  return (log_of(value) - log_of(low)) / (log_of(high) - log_of(low));
}

struct Nearest {
  Place at;
  double octaves = 0;
};

Nearest into_domain(const std::vector<ProfileCell>& cells, const Place& at) {
  Nearest nearest{at};
  for (std::size_t axis = 0; axis < at.size(); ++axis) {
    std::int64_t low = cells.front().low[axis];
    std::int64_t high = cells.front().high[axis];
    for (const ProfileCell& cell : cells) {
      low = std::min(low, cell.low[axis]);
      high = std::max(high, cell.high[axis]);
    }
    nearest.at[axis] = std::clamp(at[axis], low, high);
    nearest.octaves += std::abs(log_of(nearest.at[axis]) - log_of(at[axis]));
  }
  return nearest;
}

bool holds(const ProfileCell& cell, const Place& at) {
  for (std::size_t axis = 0; axis < at.size(); ++axis) {
    if (at[axis] < cell.low[axis] || at[axis] > cell.high[axis]) {
      return false;
    }
  }
  return true;
}

double weight(const ProfileCell& cell, const Place& corner, const Place& at) {
  double all = 1;
  for (std::size_t axis = 0; axis < at.size(); ++axis) {
    if (cell.low[axis] != cell.high[axis]) {
      const double high = share(cell.low[axis], cell.high[axis], at[axis]);
      all *= corner[axis] == cell.high[axis] ? high : 1 - high;
    }
  }
  return all;
}

}  // namespace

double efficiency_of(const ProfilePoint& point, double fixed_seconds) {
  if (point.seconds <= 0 || point.roof <= 0) {
    return 0;
  }
  // Of a primitive that takes hardly longer than the least one, noise would be left.
  const double behind = std::max(point.seconds - fixed_seconds, point.seconds / 10);
  return point.work / point.roof / behind;
}

std::vector<Place> corners(const ProfileCell& cell) {
  std::vector<Place> all{{}};
  for (std::size_t axis = 0; axis < cell.low.size(); ++axis) {
    std::vector<Place> next;
    for (const Place& known : all) {
      for (const std::int64_t value : {cell.low[axis], cell.high[axis]}) {
        next.push_back(known);
        next.back().push_back(value);
        if (cell.low[axis] == cell.high[axis]) {
          break;
        }
      }
    }
    all = std::move(next);
  }
  return all;
}

Reading interpolate(const std::vector<ProfileCell>& cells, const Efficiencies& known,
                    const Place& at) {
  if (cells.empty()) {
    return {};
  }
  const Nearest nearest = into_domain(cells, at);
  const auto cell =
      std::ranges::find_if(cells, [&](const ProfileCell& one) { return holds(one, nearest.at); });
  Reading reading{.octaves_outside = nearest.octaves};
  if (cell == cells.end()) {
    return reading;
  }
  double sum = 0;
  double weights = 0;
  for (const Place& corner : corners(*cell)) {
    const auto found = known.find(corner);
    const double part = weight(*cell, corner, nearest.at);
    if (found != known.end() && found->second > 0 && part > 0) {
      sum += part * std::log(found->second);
      weights += part;
      reading.from.push_back(corner);
    }
  }
  reading.efficiency = weights > 0 ? std::exp(sum / weights) : 0;
  return reading;
}

}  // namespace flopmeter::planner
