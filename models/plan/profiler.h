// Fills a profile: rates, points of every class, and how smooth they are. What times a case is given to it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/case.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// Of one case, with its weights in main memory, in the caches behind a core's own, and in those; `reason`
/// where it cannot be timed.
struct CaseTiming {
  std::vector<double> memory = {}, cache = {}, own = {};  // seconds
  std::string implementation = {};
  std::string reason = {};
  std::string ran_in = {};
};

/// What a case takes by its samples, in seconds: their mean, as times of nodes add up to that of a network, without
/// those of more than one and a half times the median, in which something else ran. 0 without samples.
double typical_seconds(const std::vector<double>& samples);

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
  std::size_t least = 12;  // points of a class, however long they take
  std::size_t most = 250;
  /// Called now and then with what there is so far, and at the end.
  std::function<void(const Profile&)> save = [](const Profile&) {};
  std::function<void(const std::string& what)> progress = [](const std::string&) {};
};

/// Adds what `profile` does not have. Every class has a sequence of shapes of its own, drawn from a fixed
/// seed, of which each machine times as many as there is time for; points that there are not timed again,
/// so that an interrupted profile is taken up where it stopped. The next point is of the class that has had
/// least time for its share and for what its points are off by.
void fill_profile(Profile& profile, const ProfileSource& source, const ProfileRequest& request);

}  // namespace flopmeter::planner
