// A machine file as something that can be asked: what it reaches in one dtype on so many threads.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/dtype.h"
#include "models/plan/grid.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// One class on one machine: a grid, or a number that somebody wrote down.
struct ClassModel {
  std::vector<ProfileCell> cells = {};
  Efficiencies known = {};
  double constant = 0;  // where there is no grid
  double within = 1;    // factor either way
};

/// One dtype on so many threads.
struct Setting {
  Dtype dtype = Dtype::f32;
  ProfileRate rate;
  std::map<std::string, ClassModel, std::less<>> classes = {};
  double last_level_bytes = 0;  // 0: not known
  double level = 0;             // of the interval, 0 to 1
  /// The total lies within this factor of the prediction, either way, at that level.
  double within = 1;
  /// The same of a single node.
  double node_within = 1;
  std::size_t checks = 0;  // random cases that both rest on
};

/// The setting of a machine file. Throws BadInput naming the settings that it has.
Setting setting_of(const MachineFile& file, Dtype dtype, int threads);

/// Thread counts, and dtypes, that the file has rates of, ascending and in order.
std::vector<int> threads_of(const MachineFile& file);
std::vector<Dtype> dtypes_of(const MachineFile& file);

}  // namespace flopmeter::planner
