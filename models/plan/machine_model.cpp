#include "models/plan/machine_model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "models/plan/conformal.h"
#include "models/plan/predict.h"

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
    setting.classes[row.kind] = {.constant = row.efficiency, .within = row.within};
  }
}

void add_grids(Setting& setting, const Profile& profile, std::string_view dtype, int threads) {
  for (const ProfileGrid& grid : profile.grids) {
    if (belongs(grid, dtype, threads)) {
      setting.classes[grid.kind].cells = grid.cells;
    }
  }
  for (const ProfilePoint& point : profile.points) {
    const auto model = setting.classes.find(point.kind);
    if (belongs(point, dtype, threads) && point.role == "grid" && model != setting.classes.end()) {
      model->second.known[point.at] = efficiency_of(point, setting.rate.fixed_seconds);
    }
  }
}

Residual residual_of(const ProfilePoint& point, const Setting& setting) {
  Located located{.kind = find_class(point.kind), .at = point.at, .work = point.work};
  if (located.kind->work == Work::bytes) {
    located.work /= static_cast<double>(size_of(setting.dtype));
  }
  return {point.seconds, predict_term(located, point.weight_bytes, 0, setting).seconds()};
}

void add_intervals(Setting& setting, const Profile& profile, std::string_view dtype, int threads) {
  std::vector<Residual> residuals;
  for (const ProfilePoint& point : profile.points) {
    if (belongs(point, dtype, threads) && point.role == "check" && point.seconds > 0 &&
        find_class(point.kind) != nullptr) {
      residuals.push_back(residual_of(point, setting));
    }
  }
  setting.checks = residuals.size();
  if (profile.source == "measured") {
    setting.within = chain_factor(residuals, profile.level);
    setting.node_within = conformal_factor(residuals, profile.level);
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
  setting.last_level_bytes = static_cast<double>(file.last_level_bytes());
  setting.level = profile.level;
  add_constants(setting, profile);
  add_grids(setting, profile, name, threads);
  add_intervals(setting, profile, name, threads);
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
