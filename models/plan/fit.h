// What a class costs on a machine, and how smooth its efficiency is, from the points of its profile.
#pragma once

#include "kernels/dtype.h"
#include "models/plan/node_class.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// Of all points of one dtype on so many threads: what each class costs, the shape of its surface, and what each point
/// is off by.
void fit_profile(Profile& profile, Dtype dtype, int threads);

/// What a point of the class is off by in the median when the others alone are known, a logarithm, by a surface of the
/// usual shape. 0 where there are none.
double usual_miss(Profile& profile, const NodeClass& kind, Dtype dtype, int threads);

}  // namespace flopmeter::planner
