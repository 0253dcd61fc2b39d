// The libraries whose speed is measured, for the environment of a run.
#pragma once

#include "results/environment.h"

namespace flopmeter {

/// {{"oneDNN", "2.6.3"}, {"Eigen", "3.4.0"}, ...}: oneDNN as it runs, the others as compiled in.
NamedValues library_versions();

}  // namespace flopmeter
