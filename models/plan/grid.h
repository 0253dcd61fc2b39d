// Efficiency of a class of nodes at any place, from measured places.
#pragma once

#include <map>
#include <vector>

#include "models/plan/node_class.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// Work a second of the roof that a point reached behind its fixed cost: 1 is the roof.
double efficiency_of(const ProfilePoint& point, double fixed_seconds);

/// What a grid says of a place.
struct Reading {
  double efficiency = 0;
  double octaves_outside = 0;    // of all axes together; 0: inside
  std::vector<Place> from = {};  // the places that it was interpolated from
};

/// Efficiencies by place.
using Efficiencies = std::map<Place, double>;

/// Between the corners of the cell that holds the place; the logarithm of the efficiency is linear in
/// the logarithm of each axis. A place outside is that of the nearest one inside. A corner that has no
/// efficiency is left out. Without any there is no reading: efficiency 0.
Reading interpolate(const std::vector<ProfileCell>& cells, const Efficiencies& known,
                    const Place& at);

/// All corners of a cell.
std::vector<Place> corners(const ProfileCell& cell);

}  // namespace flopmeter::planner
