// Chooses the places of a grid: a cell is divided where interpolation misses what is measured at its
// middle.
#pragma once

#include <functional>
#include <optional>

#include "models/plan/grid.h"

namespace flopmeter::planner {

/// By how much interpolation may miss a measured efficiency before a cell is divided.
inline constexpr double most_missed = 0.05;

/// The efficiency at a place, measured or known; none where it cannot be.
using MeasureAt = std::function<std::optional<double>(const Place&)>;

/// Of one class. Always does the same with the same measurements, so that it can be taken up again.
class GridBuilder {
 public:
  GridBuilder(const std::vector<Axis>& axes, MeasureAt measure);

  /// Measures the corners of the whole box and its middle.
  void begin();

  /// The largest miss of a cell that can be divided; 0 where none is left above most_missed.
  double worst() const;

  /// Divides the cell of the largest miss in two, along the axis over which its corners differ most.
  void divide();

  std::vector<ProfileCell> cells() const;
  /// Of all cells, also those that cannot be divided.
  double largest_miss() const;

 private:
  struct Cell {
    ProfileCell box;
    double miss = 0;
    bool divisible = true;
  };

  Cell examined(ProfileCell box);
  std::optional<double> known(const Place& at);
  std::size_t axis_to_divide(const ProfileCell& box) const;

  MeasureAt measure_;
  ProfileCell whole_;
  std::vector<Cell> cells_;
  Efficiencies efficiencies_;
};

}  // namespace flopmeter::planner
