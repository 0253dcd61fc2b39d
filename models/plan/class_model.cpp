#include "models/plan/class_model.h"

#include <algorithm>
#include <cmath>

#include "models/plan/cost.h"

namespace flopmeter::planner {
namespace {

constexpr std::size_t shown_points = 4;

/// The nearest coordinates within those of all points, and how many octaves away they are.
double into_box(Coordinates& at, const NodeClass& kind,
                const std::vector<const ProfilePoint*>& points) {
  Place low = points.front()->at;
  Place high = low;
  for (const ProfilePoint* point : points) {
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
      low[axis] = std::min(low[axis], point->at[axis]);
      high[axis] = std::max(high[axis], point->at[axis]);
    }
  }
  const Coordinates least = coordinates(kind, low);
  const Coordinates most = coordinates(kind, high);
  double octaves = 0;
  for (std::size_t axis = 0; axis < at.size(); ++axis) {
    const double inside = std::clamp(at[axis], least[axis], most[axis]);
    octaves += std::abs(inside - at[axis]);
    at[axis] = inside;
  }
  return octaves;
}

}  // namespace

std::string_view to_string(WeightsIn weights) {
  constexpr std::array<std::string_view, 3> names{"memory", "cache", "own"};
  return names.at(static_cast<std::size_t>(weights));
}

double share_from_memory(double bytes, const ProfileRate& rate, double otherwise) {
  constexpr double octaves = 2;
  const auto caches = static_cast<double>(rate.cache_bytes);
  return caches <= 0 || bytes <= 0
             ? otherwise
             : std::clamp((1 + std::log2(bytes / caches)) / octaves, 0.0, 1.0);
}

double spilled_seconds(const NodeBytes& bytes, const ProfileRate& rate) {
  return share_from_memory(bytes.activations, rate, 0) * bytes.activations / rate.bytes_per_second;
}

double roofline_seconds(const NodeClass& kind, double work, const NodeBytes& bytes,
                        const ProfileRate& rate, WeightsIn weights) {
  const double roof = kind.work == Work::bytes ? rate.bytes_per_second : rate.operations_per_second;
  const double from_memory = weights == WeightsIn::memory ? bytes.weights : 0;
  return std::max(work / roof, from_memory / rate.bytes_per_second) + rate.fixed_seconds;
}

Coordinates coordinates(const NodeClass& kind, const Place& at) {
  constexpr double enough = 11;  // octaves
  constexpr double slope_beyond = 0.25;
  Coordinates all;
  for (const std::int64_t value : at) {
    all.push_back(std::log2(static_cast<double>(std::max<std::int64_t>(value, 1))));
  }
  if (double& octaves = all.at(kind.batch_axis); kind.work == Work::flops && octaves > enough) {
    octaves = enough + slope_beyond * (octaves - enough);
  }
  return all;
}

double seconds_of(const ProfilePoint& point, WeightsIn weights) {
  return weights == WeightsIn::memory  ? point.seconds
         : weights == WeightsIn::cache ? point.cache_seconds
                                       : point.own_seconds;
}

std::vector<double> amounts_of(const ProfilePoint& point) {
  return cost_amounts(*find_class(point.kind), point.at, point.work);
}

double excess_of(const ProfilePoint& point, const ProfileRate& rate, WeightsIn weights,
                 std::span<const double> cost) {
  if (!cost.empty()) {
    return std::log(seconds_of(point, weights) / cost_seconds(cost, amounts_of(point)));
  }
  const NodeClass& kind = *find_class(point.kind);
  ProfileRate of_parts = rate;
  of_parts.fixed_seconds *= kind.parts(point.at);
  return std::log(seconds_of(point, weights) /
                  roofline_seconds(kind, point.work, {point.weight_bytes, point.activation_bytes},
                                   of_parts, weights));
}

ClassModel::ClassModel(const NodeClass& kind, std::vector<const ProfilePoint*> points,
                       std::vector<const ProfileFit*> fits, const ProfileRate& rate)
    : kind_(&kind), points_(std::move(points)), fits_(std::move(fits)), rate_(rate) {}

GridReading ClassModel::at(const Located& located, double work, WeightsIn weights) const {
  if (points_.empty()) {
    return {.efficiency = constant_};
  }
  const Surface* const found = surface(weights);
  if (found == nullptr) {
    return {};
  }
  Coordinates inside = coordinates(*kind_, located.at);
  GridReading reading{.octaves_outside = into_box(inside, *kind_, points_)};
  const auto [mean, deviation] = (*found)(inside);
  reading.efficiency = std::exp(-mean);
  reading.deviation = deviation;
  if (const std::vector<double>& cost = fit(weights)->cost; !cost.empty()) {
    std::vector<double> amounts = cost_amounts(*kind_, located.at, work);
    if (located.fused) {
      amounts.front() = 0;
    }
    reading.base = cost_seconds(cost, amounts);
  }
  for (const std::size_t i : found->nearest(inside, shown_points)) {
    reading.from.push_back(points_[i]);
  }
  return reading;
}

const std::vector<double>& ClassModel::left_out() const {
  if (const Surface* const found = left_out_.empty() ? surface(WeightsIn::memory) : nullptr) {
    left_out_ = found->left_out_in_deviations();
  }
  return left_out_;
}

const ProfileFit* ClassModel::fit(WeightsIn weights) const {
  const auto found = std::ranges::find(fits_, to_string(weights), &ProfileFit::weights);
  return found == fits_.end() ? nullptr : *found;
}

const Surface* ClassModel::surface(WeightsIn weights) const {
  auto& known = surfaces_.at(static_cast<std::size_t>(weights));
  const ProfileFit* const of = fit(weights);
  if (!known && of != nullptr) {
    std::vector<Coordinates> at;
    std::vector<double> values;
    for (const ProfilePoint* point : points_) {
      at.push_back(coordinates(*kind_, point->at));
      values.push_back(excess_of(*point, rate_, weights, of->cost));
    }
    known.emplace(std::move(at), values, SurfaceShape{of->lengths, of->variance, of->noise});
  }
  return known ? &*known : nullptr;
}

}  // namespace flopmeter::planner
