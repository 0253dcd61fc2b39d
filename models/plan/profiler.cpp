#include "models/plan/profiler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <tuple>

#include "models/plan/grid_builder.h"
#include "statistics/statistics.h"

namespace flopmeter::planner {
namespace {

// A case of more takes longer than it is worth: the axis of the batch is cut, where efficiency hardly
// changes any more.
constexpr double most_work = 4e9;  // FLOPs or bytes
constexpr double save_every = 5;   // seconds
constexpr double share_of_grids = 0.8;

double work_of(const Problem& problem, Dtype dtype) {
  double work = 0;
  for (const Located& one : locate(*problem.layer, problem.values)) {
    work += one.work * one.repeat *
            (one.kind->work == Work::bytes ? static_cast<double>(size_of(dtype)) : 1);
  }
  return work;
}

double weight_bytes_of(const Problem& problem, Dtype dtype) {
  double sum = 0;
  for (const Operand& operand : problem.operands(Pass::forward)) {
    if (operand.role == Role::parameter) {
      sum += static_cast<double>(operand.touched == all_elements ? elements(operand)
                                                                 : operand.touched);
    }
  }
  return sum * static_cast<double>(size_of(dtype));
}

Problem problem_at(const NodeClass& kind, Place at, int variant) {
  const AnyLayer& layer = find_layer(kind.layer);
  for (;;) {
    Problem problem = parse_problem(layer, kind.shape(at, variant));
    std::int64_t& axis = at[kind.batch_axis];
    if (axis <= 1 || work_of(problem, Dtype::f32) <= most_work) {
      return problem;
    }
    axis = std::max<std::int64_t>(1, axis / 2);
  }
}

/// A number between two others whose logarithm is uniform.
std::int64_t log_uniform(std::mt19937_64& random, const Axis& axis) {
  const double share = static_cast<double>(random() >> 11U) * 0x1p-53;
  const double low = std::log(static_cast<double>(axis.low));
  const double high = std::log(static_cast<double>(axis.high));
  return std::clamp<std::int64_t>(std::llround(std::exp(low + share * (high - low))), axis.low,
                                  axis.high);
}

/// One dtype on so many threads.
class SettingProfiler {
 public:
  SettingProfiler(Profile& profile, const ProfileSource& source, const ProfileRequest& request,
                  Dtype dtype, int threads, double& last_save)
      : profile_(profile),
        source_(source),
        request_(request),
        dtype_(dtype),
        threads_(threads),
        last_save_(last_save) {
    for (const ProfilePoint& point : profile.points) {
      if (belongs(point)) {
        known_.emplace(key_of(point), point);
      }
    }
  }

  void run(double seconds) {
    const double begin = source_.clock();
    rate_ = rate();
    std::vector<GridBuilder> builders;
    for (const NodeClass& kind : node_classes()) {
      builders.emplace_back(kind.axes, [this, &kind](const Place& at) {
        return efficiency(measured(kind, "grid", at, problem_at(kind, at, 0)));
      });
      builders.back().begin();
    }
    const auto worst = [](const GridBuilder& builder) { return builder.worst(); };
    while (source_.clock() - begin < share_of_grids * seconds) {
      const auto next = std::ranges::max_element(builders, {}, worst);
      if (next->worst() == 0) {
        break;
      }
      next->divide();
    }
    keep(builders);
    check();
  }

 private:
  using Key = std::tuple<std::string, std::string, Place, std::string>;

  static Key key_of(const ProfilePoint& point) {
    // Two random cases may stand in one place, and differ in shape.
    return {point.kind, point.role, point.at, point.role == "check" ? point.shape : ""};
  }

  bool belongs(const auto& row) const {
    return row.dtype == to_string(dtype_) && row.threads == threads_;
  }

  ProfileRate rate() {
    const auto found =
        std::ranges::find_if(profile_.rates, [&](const ProfileRate& row) { return belongs(row); });
    if (found != profile_.rates.end()) {
      return *found;
    }
    ProfileRate rate = source_.rate(dtype_, threads_);
    rate.dtype = to_string(dtype_);
    rate.threads = threads_;
    return profile_.rates.emplace_back(rate);
  }

  std::optional<double> efficiency(const ProfilePoint& point) const {
    const double found = efficiency_of(point, rate_.fixed_seconds);
    return found > 0 ? std::optional(found) : std::nullopt;
  }

  const ProfilePoint& measured(const NodeClass& kind, std::string_view role, const Place& at,
                               const Problem& problem) {
    ProfilePoint point{.kind = std::string(kind.name),
                       .dtype = std::string(to_string(dtype_)),
                       .threads = threads_,
                       .role = std::string(role),
                       .at = at,
                       .layer = std::string(problem.layer->name),
                       .shape = problem.shape()};
    if (const auto found = known_.find(key_of(point)); found != known_.end()) {
      return found->second;
    }
    request_.progress(fmt::format("{} {} on {}: {} {}", kind.name, point.dtype, threads_,
                                  point.layer, point.shape));
    CaseTiming timing = source_.time(problem, dtype_, threads_);
    point.work = work_of(problem, dtype_);
    point.weight_bytes = weight_bytes_of(problem, dtype_);
    point.roof = kind.work == Work::bytes ? rate_.bytes_per_second : timing.operations_per_second;
    point.samples = std::move(timing.samples);
    point.seconds = point.samples.empty() ? 0 : median(point.samples);
    point.reason = std::move(timing.reason);
    profile_.points.push_back(point);
    save_now_and_then();
    return known_.emplace(key_of(point), std::move(point)).first->second;
  }

  void save_now_and_then() {
    if (source_.clock() - last_save_ > save_every) {
      request_.save(profile_);
      last_save_ = source_.clock();
    }
  }

  void keep(const std::vector<GridBuilder>& builders) {
    std::erase_if(profile_.grids, [&](const ProfileGrid& row) { return belongs(row); });
    for (std::size_t i = 0; i < builders.size(); ++i) {
      profile_.grids.push_back({std::string(node_classes()[i].name), std::string(to_string(dtype_)),
                                threads_, builders[i].cells(), builders[i].largest_miss()});
    }
  }

  /// After the grids are frozen.
  void check() {
    std::uint64_t seed = 0;
    for (const NodeClass& kind : node_classes()) {
      std::mt19937_64 random(++seed);
      for (std::size_t i = 0; i < request_.checks; ++i) {
        Place at;
        for (const Axis& axis : kind.axes) {
          at.push_back(log_uniform(random, axis));
        }
        const Problem problem = problem_at(kind, at, static_cast<int>(random() % 4));
        const Located located = locate(*problem.layer, problem.values).front();
        measured(*located.kind, "check", located.at, problem);
      }
    }
  }

  Profile& profile_;
  const ProfileSource& source_;
  const ProfileRequest& request_;
  Dtype dtype_;
  int threads_;
  double& last_save_;
  ProfileRate rate_;
  std::map<Key, ProfilePoint> known_;
};

}  // namespace

void fill_profile(Profile& profile, const ProfileSource& source, const ProfileRequest& request) {
  double last_save = source.clock();
  for (const Dtype dtype : request.dtypes) {
    for (const int threads : request.threads) {
      SettingProfiler(profile, source, request, dtype, threads, last_save)
          .run(request.seconds / static_cast<double>(request.threads.size()));
      request.save(profile);
    }
  }
}

}  // namespace flopmeter::planner
