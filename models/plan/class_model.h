// What a machine reaches in one class of nodes, from the points of its profile.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/plan/node_class.h"
#include "models/plan/surface.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// Where a run finds the weights of a node.
enum class WeightsIn { memory, cache, own };
inline constexpr std::array weight_places{WeightsIn::memory, WeightsIn::cache, WeightsIn::own};
std::string_view to_string(WeightsIn);

/// Bytes that a node reads and writes.
struct NodeBytes {
  double weights = 0, activations = 0;
};

/// The share of so many bytes, which are gone through again and again, that comes from main memory: none up to
/// half of what the caches hold, all from twice that on, in between by the logarithm. `otherwise` where it is not
/// known what they hold.
double share_from_memory(double bytes, const ProfileRate& rate, double otherwise);

/// Seconds at the least that a node's activations take which no cache holds, at the bandwidth of main memory.
double spilled_seconds(const NodeBytes& bytes, const ProfileRate& rate);

/// Seconds by the roofline: max(work / roof, bytes / bandwidth) + fixed cost. The bytes are
/// weights, where they lie in main memory. `work` is in what the
/// class counts; where that is bytes, all of them go by the bandwidth.
double roofline_seconds(const NodeClass& kind, double work, const NodeBytes& bytes,
                        const ProfileRate& rate, WeightsIn weights);

/// Logarithms to base 2, of at least 1; along the axis that grows with the batch a quarter of them beyond 2,048
/// where a class counts FLOPs: kernels that have so much to do per weight hardly gain from more.
Coordinates coordinates(const NodeClass& kind, const Place& at);

/// The measured seconds of a point.
double seconds_of(const ProfilePoint& point, WeightsIn weights);

/// What all amounts of a point are, as models/plan/cost.h counts them.
std::vector<double> amounts_of(const ProfilePoint& point);

/// Logarithm of measured / what the class costs; without that / roofline.
double excess_of(const ProfilePoint& point, const ProfileRate& rate, WeightsIn weights,
                 std::span<const double> cost);

/// What is known of a place.
struct GridReading {
  double efficiency = 0;       // base / time; 0: nothing is known
  double base = 0;             // seconds that the class costs; 0: what the roofline says
  double deviation = 1;        // how sure the efficiency is, a logarithm
  double octaves_outside = 0;  // of all axes together, beyond the points; 0: inside
  std::vector<const ProfilePoint*> from = {};  // the nearest points
};

/// One class on one machine, in one dtype on so many threads. Surfaces are made when they are asked for
/// first; not for several threads.
class ClassModel {
 public:
  /// A number that somebody wrote down; `within`: factor either way.
  ClassModel(double efficiency, double within) : constant_(efficiency), within_(within) {}
  ClassModel(const NodeClass& kind, std::vector<const ProfilePoint*> points,
             std::vector<const ProfileFit*> fits, const ProfileRate& rate);

  /// `work` in what the class counts.
  GridReading at(const Located& located, double work, WeightsIn weights) const;
  double within() const { return within_; }
  /// What points are off by when the others alone are known, in deviations (`GridReading`).
  const std::vector<double>& left_out() const;
  std::size_t count() const { return points_.size(); }

 private:
  const ProfileFit* fit(WeightsIn weights) const;
  const Surface* surface(WeightsIn weights) const;

  double constant_ = 0, within_ = 1;
  const NodeClass* kind_ = nullptr;
  std::vector<const ProfilePoint*> points_;
  std::vector<const ProfileFit*> fits_;
  ProfileRate rate_;
  mutable std::array<std::optional<Surface>, weight_places.size()> surfaces_;
  mutable std::vector<double> left_out_;
};

}  // namespace flopmeter::planner
