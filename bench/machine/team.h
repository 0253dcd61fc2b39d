// The threads that load a machine together.
#pragma once

#include <functional>

namespace flopmeter {

/// Calls work(0), ..., work(threads - 1) at the same time, each on its own thread of an OpenMP
/// region. All start together. The same thread gets the same number in every call with as many
/// threads. `work` must not throw. Throws std::runtime_error when OpenMP gives fewer threads.
void run_team(int threads, const std::function<void(int)>& work);

/// The same; returns the sum of the results.
double sum_over_team(int threads, const std::function<double(int)>& work);

}  // namespace flopmeter
