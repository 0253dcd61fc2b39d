// Fills a profile: rates, a grid a class, and random cases that tell how far the grid can be trusted.
// What times a case is given to it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/case.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// Of one case; `reason` where it cannot be timed.
struct CaseTiming {
  std::vector<double> samples;  // seconds
  double operations_per_second = 0;
  std::string reason = {};
};

/// What the machine is asked.
struct ProfileSource {
  std::function<ProfileRate(Dtype, int threads)> rate;
  std::function<CaseTiming(const Problem&, Dtype, int threads)> time;
  std::function<double()> clock;  // seconds
};

struct ProfileRequest {
  std::vector<Dtype> dtypes;
  std::vector<int> threads;
  double seconds = 150;    // a dtype, on all thread counts together
  std::size_t checks = 3;  // random cases a class
  /// Called now and then with what there is so far, and at the end.
  std::function<void(const Profile&)> save = [](const Profile&) {};
  std::function<void(const std::string& what)> progress = [](const std::string&) {};
};

/// Adds what `profile` does not have. Points that it has are not measured again, so that an
/// interrupted one is taken up where it stopped. The middle and corners of every class are always
/// measured, then cells are divided, the largest miss first, until none is above 5 % or the time is
/// up; a fifth of the time is kept for the random cases.
void fill_profile(Profile& profile, const ProfileSource& source, const ProfileRequest& request);

}  // namespace flopmeter::planner
