#include "models/plan/grid_builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace flopmeter::planner {
namespace {

/// The geometric middle; an end where nothing lies between them.
std::int64_t middle(std::int64_t low, std::int64_t high) {
  return std::llround(std::sqrt(static_cast<double>(low) * static_cast<double>(high)));
}

bool has_inside(std::int64_t low, std::int64_t high) {
  const std::int64_t between = middle(low, high);
  return between > low && between < high;
}

}  // namespace

GridBuilder::GridBuilder(const std::vector<Axis>& axes, MeasureAt measure)
    : measure_(std::move(measure)) {
  for (const Axis& axis : axes) {
    whole_.low.push_back(axis.low);
    whole_.high.push_back(axis.high);
  }
}

void GridBuilder::begin() { cells_ = {examined(whole_)}; }

std::optional<double> GridBuilder::known(const Place& at) {
  if (const auto found = efficiencies_.find(at); found != efficiencies_.end()) {
    return found->second > 0 ? std::optional(found->second) : std::nullopt;
  }
  const std::optional<double> measured = measure_(at);
  efficiencies_[at] = measured.value_or(0);
  return measured;
}

GridBuilder::Cell GridBuilder::examined(ProfileCell box) {
  for (const Place& corner : corners(box)) {
    known(corner);
  }
  Place centre;
  bool divisible = false;
  for (std::size_t axis = 0; axis < box.low.size(); ++axis) {
    centre.push_back(middle(box.low[axis], box.high[axis]));
    divisible = divisible || has_inside(box.low[axis], box.high[axis]);
  }
  const double expected = interpolate({box}, efficiencies_, centre).efficiency;
  const std::optional<double> measured = divisible ? known(centre) : std::nullopt;
  const double miss = measured && expected > 0 ? std::abs(expected / *measured - 1) : 0;
  return {std::move(box), miss, divisible};
}

double GridBuilder::worst() const {
  double worst = 0;
  for (const Cell& cell : cells_) {
    worst = cell.divisible ? std::max(worst, cell.miss) : worst;
  }
  return worst > most_missed ? worst : 0;
}

double GridBuilder::largest_miss() const {
  return cells_.empty() ? 0 : std::ranges::max_element(cells_, {}, &Cell::miss)->miss;
}

/// The mean over pairs of corners that differ in that axis alone.
std::size_t GridBuilder::axis_to_divide(const ProfileCell& box) const {
  std::size_t best = 0;
  double most = -1;
  for (std::size_t axis = 0; axis < box.low.size(); ++axis) {
    if (!has_inside(box.low[axis], box.high[axis])) {
      continue;
    }
    double sum = 0;
    for (Place corner : corners(box)) {
      const double here = efficiencies_.at(corner);
      corner[axis] = corner[axis] == box.low[axis] ? box.high[axis] : box.low[axis];
      const double there = efficiencies_.at(corner);
      sum += here > 0 && there > 0 ? std::abs(std::log(here / there)) : 0;
    }
    if (sum > most) {
      most = sum;
      best = axis;
    }
  }
  return best;
}

void GridBuilder::divide() {
  const auto worst = std::ranges::max_element(
      cells_, {}, [](const Cell& cell) { return cell.divisible ? cell.miss : -1; });
  ProfileCell lower = worst->box;
  ProfileCell upper = worst->box;
  const std::size_t axis = axis_to_divide(worst->box);
  lower.high[axis] = upper.low[axis] = middle(lower.low[axis], lower.high[axis]);
  *worst = examined(std::move(lower));
  cells_.push_back(examined(std::move(upper)));
}

std::vector<ProfileCell> GridBuilder::cells() const {
  std::vector<ProfileCell> boxes;
  std::ranges::transform(cells_, std::back_inserter(boxes), &Cell::box);
  return boxes;
}

}  // namespace flopmeter::planner
