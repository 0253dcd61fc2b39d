// A machine file as something that can be asked: what it reaches in one dtype on so many threads.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/dtype.h"
#include "models/plan/class_model.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// One dtype on so many threads.
struct Setting {
  Dtype dtype = Dtype::f32;
  ProfileRate rate;
  std::map<std::string, ClassModel, std::less<>> classes = {};
  double level = 0;  // of intervals, 0 to 1
  /// A single node lies within this factor of what the other points say of it, either way, at that level.
  double node_within = 1;
  std::size_t points = 0;  // that it rests on
};

/// The setting of a machine file, which must outlive it. Throws BadInput naming the settings that it has.
Setting setting_of(const MachineFile& file, Dtype dtype, int threads);
Setting setting_of(const MachineFile&& file, Dtype dtype, int threads) = delete;

/// Thread counts, and dtypes, that the file has rates of, ascending and in order.
std::vector<int> threads_of(const MachineFile& file);
std::vector<Dtype> dtypes_of(const MachineFile& file);

}  // namespace flopmeter::planner
