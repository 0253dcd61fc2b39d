#include "models/plan/machine_model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/network/eight_bits.h"
#include "models/plan/conformal.h"
#include "models/plan/cost.h"

namespace flopmeter::planner {
namespace {

bool belongs(const auto& row, std::string_view dtype, int threads) {
  return row.dtype == dtype && row.threads == threads;
}

const ProfileRate& rate_of(const MachineFile& file, std::string_view dtype, int threads) {
  std::vector<std::string> there;
  for (const ProfileRate& rate : file.profile->rates) {
    if (belongs(rate, dtype, threads)) {
      return rate;
    }
    there.push_back(fmt::format("{} on {}", rate.dtype, rate.threads));
  }
  bad_input("{}: no profile of {} on {} threads: it has {}", file.path, dtype, threads,
            fmt::join(there, ", "));
}

void add_constants(Setting& setting, const Profile& profile) {
  for (const ProfileConstant& row : profile.constants) {
    setting.classes.insert_or_assign(row.kind, ClassModel(row.efficiency, row.within));
  }
}

/// A number for each, or none.
bool has_amounts(const NodeClass& kind, const std::vector<double>& cost) {
  return cost.empty() || cost.size() == cost_amounts(kind, Place(kind.axes.size(), 1), 1).size();
}

void add_points(Setting& setting, const Profile& profile, std::string_view dtype, int threads) {
  std::map<std::string, std::vector<const ProfilePoint*>> points;
  std::map<std::string, std::vector<const ProfileFit*>> fits;
  std::vector<Residual> residuals;
  for (const ProfilePoint& point : profile.points) {
    const NodeClass* const kind = find_class(point.kind);
    if (belongs(point, dtype, threads) && point.seconds > 0 && kind != nullptr &&
        point.at.size() == kind->axes.size()) {
      points[point.kind].push_back(&point);
      residuals.push_back({std::exp(point.left_out), 1});
    }
  }
  for (const ProfileFit& fit : profile.fits) {
    const NodeClass* const kind = find_class(fit.kind);
    if (belongs(fit, dtype, threads) && kind != nullptr &&
        fit.lengths.size() == kind->axes.size() && has_amounts(*kind, fit.cost)) {
      fits[fit.kind].push_back(&fit);
    }
  }
  for (const auto& [kind, all] : points) {
    setting.classes.insert_or_assign(kind,
                                     ClassModel(*find_class(kind), all, fits[kind], setting.rate));
  }
  setting.points = residuals.size();
  setting.node_within = conformal_factor(residuals, profile.level);
}

/// Throws BadInput where convolutions and linear layers in s8 are of a build that ran them in f32, which did not say in what
/// they ran.
void require_eight_bits(const MachineFile& file, const Profile& profile) {
  const auto is_real = [](const ProfilePoint& point) {
    return point.dtype == to_string(Dtype::s8) && point.seconds > 0 && point.ran_in.empty() &&
           is_eight_bit_layer(point.layer);
  };
  const auto found = std::ranges::find_if(profile.points, is_real);
  if (found != profile.points.end()) {
    bad_input(
        "{}: {} {} in s8 was timed in f32 by an earlier build: measure anew with flopmeter machine "
        "--profile",
        file.path, found->layer, found->shape);
  }
}

const Profile& profile_of(const MachineFile& file) {
  if (!file.profile || file.profile->rates.empty()) {
    bad_input("{}: has no profile: flopmeter machine --profile -o FILE makes one", file.path);
  }
  return *file.profile;
}

}  // namespace

Setting setting_of(const MachineFile& file, Dtype dtype, int threads) {
  const Profile& profile = profile_of(file);
  const std::string_view name = to_string(dtype);
  Setting setting{.dtype = dtype, .rate = rate_of(file, name, threads)};
  if (dtype == Dtype::s8) {
    require_eight_bits(file, profile);
  }
  setting.level = profile.level;
  add_constants(setting, profile);
  add_points(setting, profile, name, threads);
  return setting;
}

std::vector<int> threads_of(const MachineFile& file) {
  std::set<int> all;
  for (const ProfileRate& rate : profile_of(file).rates) {
    all.insert(static_cast<int>(rate.threads));
  }
  return {all.begin(), all.end()};
}

std::vector<Dtype> dtypes_of(const MachineFile& file) {
  std::set<Dtype> all;
  for (const ProfileRate& rate : profile_of(file).rates) {
    all.insert(parse_dtype(rate.dtype));
  }
  return {all.begin(), all.end()};
}

}  // namespace flopmeter::planner
