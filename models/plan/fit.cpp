#include "models/plan/fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "models/plan/class_model.h"
#include "models/plan/cost.h"
#include "statistics/statistics.h"

namespace flopmeter::planner {
namespace {

struct FittedClass {
  std::vector<ProfilePoint*> points;
  std::vector<Coordinates> at;
};

FittedClass points_of(Profile& profile, const NodeClass& kind, std::string_view dtype,
                      int threads) {
  FittedClass found;
  for (ProfilePoint& point : profile.points) {
    if (point.kind == kind.name && point.dtype == dtype && point.threads == threads &&
        point.seconds > 0) {
      found.points.push_back(&point);
      found.at.push_back(coordinates(kind, point.at));
    }
  }
  return found;
}

std::vector<double> excesses(const FittedClass& of, const ProfileRate& rate, WeightsIn weights,
                             std::span<const double> cost) {
  std::vector<double> all;
  for (const ProfilePoint* point : of.points) {
    all.push_back(excess_of(*point, rate, weights, cost));
  }
  return all;
}

std::vector<double> cost_of(const FittedClass& of, WeightsIn weights) {
  std::vector<std::vector<double>> amounts;
  std::vector<double> seconds;
  for (const ProfilePoint* point : of.points) {
    amounts.push_back(amounts_of(*point));
    seconds.push_back(seconds_of(*point, weights));
  }
  return fitted_cost(amounts, seconds);
}

/// One way to say what a class takes.
struct Fitted {
  std::vector<double> cost, values;
  SurfaceShape shape;
  std::vector<double> left_out = {};
  double miss = 0;  // mean square of what points are off by when left out
};

Fitted fitted(const FittedClass& of, const ProfileRate& rate, WeightsIn weights,
              std::vector<double> cost, SurfaceShape begin) {
  Fitted made;
  made.cost = std::move(cost);
  made.values = excesses(of, rate, weights, made.cost);
  made.shape = fitted_shape(of.at, made.values, std::move(begin));
  made.left_out = Surface(of.at, made.values, made.shape).left_out();
  const auto count = static_cast<double>(of.at.size());
  const auto numbers = static_cast<double>(made.cost.size());
  // Numbers that are fitted to the same points (Akaike's final prediction error, 1969).
  made.miss =
      std::inner_product(made.left_out.begin(), made.left_out.end(), made.left_out.begin(), 0.0) /
      count * (count + numbers) / (count - numbers);
  return made;
}

const ProfileRate& rate_in(const Profile& profile, std::string_view dtype, int threads) {
  return *std::ranges::find_if(profile.rates, [&](const ProfileRate& rate) {
    return rate.dtype == dtype && rate.threads == threads;
  });
}

}  // namespace

double usual_miss(Profile& profile, const NodeClass& kind, Dtype dtype, int threads) {
  const std::string_view name = to_string(dtype);
  const FittedClass of = points_of(profile, kind, name, threads);
  if (of.points.empty()) {
    return 0;
  }
  const ProfileRate& rate = rate_in(profile, name, threads);
  const std::vector<double> values =
      excesses(of, rate, WeightsIn::memory, cost_of(of, WeightsIn::memory));
  SurfaceShape shape{std::vector<double>(of.at.front().size(), 3), 0.3, 0.01};
  std::vector<double> off = Surface(of.at, values, std::move(shape)).left_out();
  std::ranges::transform(off, off.begin(), [](double value) { return std::abs(value); });
  return median(off);
}

void fit_profile(Profile& profile, Dtype dtype, int threads) {
  const std::string name(to_string(dtype));
  const auto belongs = [&](const ProfileFit& fit) {
    return fit.dtype == name && fit.threads == threads;
  };
  std::erase_if(profile.fits, belongs);
  const ProfileRate& rate = rate_in(profile, name, threads);
  for (const NodeClass& kind : node_classes()) {
    const FittedClass found = points_of(profile, kind, name, threads);
    if (found.points.empty()) {
      continue;
    }
    Fitted of_roofline;
    Fitted of_cost;
    for (const WeightsIn weights : weight_places) {
      std::vector<double> cost = cost_of(found, weights);
      const bool has_cost = !cost.empty();
      of_roofline = fitted(found, rate, weights, {}, std::move(of_roofline.shape));
      of_cost = has_cost ? fitted(found, rate, weights, std::move(cost), std::move(of_cost.shape))
                         : Fitted{};
      const Fitted& better = has_cost && of_cost.miss < of_roofline.miss ? of_cost : of_roofline;
      profile.fits.push_back({std::string(kind.name), name, threads,
                              std::string(to_string(weights)), better.shape.lengths,
                              better.shape.variance, better.shape.noise, better.cost});
      if (weights == WeightsIn::memory) {
        for (std::size_t i = 0; i < better.left_out.size(); ++i) {
          found.points[i]->left_out = better.left_out[i];
        }
      }
    }
  }
}

}  // namespace flopmeter::planner
