#include "models/plan/profiler.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "models/plan/class_model.h"
#include "models/plan/fit.h"
#include "statistics/statistics.h"

namespace flopmeter::planner {
namespace {

constexpr double most_work = 2e9;  // FLOPs or elements of a case
constexpr double more_work = 8e9;  // of one in ten
constexpr double share_of_more = 0.1;
constexpr double save_every = 5;  // seconds
// Points of a class, each time before it is asked what they are off by.
constexpr std::size_t first_look = 20;
constexpr double usually_off = 0.15;  // logarithm, until then

double work_of(const Problem& problem) {
  double work = 0;
  for (const Located& one : locate(*problem.layer, problem.values)) {
    work += one.work * one.repeat;
  }
  return work;
}

NodeBytes bytes_of(const Problem& problem, Dtype dtype) {
  NodeBytes bytes;
  for (const Operand& operand : problem.operands(Pass::forward)) {
    const auto count =
        static_cast<double>(operand.touched == all_elements ? elements(operand) : operand.touched);
    if (operand.role == Role::parameter) {
      bytes.weights += count * static_cast<double>(size_of(dtype));
    } else if (operand.role == Role::input || operand.role == Role::output) {
      bytes.activations += count * static_cast<double>(size_of(dtype));
    }
  }
  return bytes;
}

/// The shapes of a class, one after the other, the same on every machine.
class Shapes {
 public:
  explicit Shapes(const NodeClass& kind)
      : kind_(kind), draw_(1 + static_cast<std::uint64_t>(&kind - node_classes().data())) {}

  Problem next() {
    const double most = draw_.with(share_of_more) ? more_work : most_work;
    for (;;) {
      const auto [layer, shape] = kind_.draw(draw_);
      Problem problem = parse_problem(find_layer(layer), shape);
      if (locate(*problem.layer, problem.values).front().kind == &kind_ &&
          work_of(problem) <= most) {
        return problem;
      }
    }
  }

 private:
  const NodeClass& kind_;
  Draw draw_;
};

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
    for (const NodeClass& kind : node_classes()) {
      sequences_.push_back({&kind, Shapes(kind)});
    }
  }

  void run(double seconds) {
    const double begin = source_.clock();
    measure_rate();
    for (Sequence& sequence : sequences_) {
      while (sequence.count < request_.least) {
        add(sequence);
      }
    }
    while (source_.clock() - begin < seconds) {
      const auto next = std::ranges::min_element(
          sequences_, {}, [&](const Sequence& one) { return one.served(request_.most); });
      if (next->count >= request_.most) {
        break;
      }
      add(*next);
    }
    fit_profile(profile_, dtype_, threads_);
  }

 private:
  struct Sequence {
    const NodeClass* kind;
    Shapes shapes;
    std::size_t count = 0;
    double spent = 0;  // seconds
    double off = usually_off;

    /// Those that have all they may have come last.
    double served(std::size_t most) const {
      return count >= most ? std::numeric_limits<double>::infinity() : spent / (kind->share * off);
    }
  };

  bool belongs(const auto& row) const {
    return row.dtype == to_string(dtype_) && row.threads == threads_;
  }

  void measure_rate() {
    if (std::ranges::none_of(profile_.rates, [&](const auto& row) { return belongs(row); })) {
      ProfileRate rate = source_.rate(dtype_, threads_);
      rate.dtype = to_string(dtype_);
      rate.threads = threads_;
      profile_.rates.push_back(std::move(rate));
    }
  }

  void add(Sequence& sequence) {
    const Problem problem = sequence.shapes.next();
    const double begin = source_.clock();
    measure(*sequence.kind, problem);
    sequence.spent += source_.clock() - begin;
    if (++sequence.count % first_look == 0) {
      const double off = usual_miss(profile_, *sequence.kind, dtype_, threads_);
      sequence.off = off > 0 ? std::max(off, 0.02) : sequence.off;
    }
  }

  void measure(const NodeClass& kind, const Problem& problem) {
    ProfilePoint point{.kind = std::string(kind.name),
                       .dtype = std::string(to_string(dtype_)),
                       .threads = threads_,
                       .layer = std::string(problem.layer->name),
                       .shape = problem.shape()};
    const auto same = [&](const ProfilePoint& other) {
      return belongs(other) && other.kind == point.kind && other.layer == point.layer &&
             other.shape == point.shape;
    };
    if (std::ranges::any_of(profile_.points, same)) {
      return;
    }
    request_.progress(fmt::format("{} {} on {}: {} {}", kind.name, point.dtype, threads_,
                                  point.layer, point.shape));
    CaseTiming timing = source_.time(problem, dtype_, threads_);
    const Located located = locate(*problem.layer, problem.values).front();
    point.at = located.at;
    point.work = located.work * located.repeat *
                 (kind.work == Work::bytes ? static_cast<double>(size_of(dtype_)) : 1);
    const NodeBytes bytes = bytes_of(problem, dtype_);
    point.weight_bytes = bytes.weights;
    point.activation_bytes = bytes.activations;
    point.seconds = typical_seconds(timing.memory);
    point.cache_seconds = typical_seconds(timing.cache);
    point.own_seconds = typical_seconds(timing.own);
    point.samples = std::move(timing.memory);
    point.cache_samples = std::move(timing.cache);
    point.own_samples = std::move(timing.own);
    point.implementation = std::move(timing.implementation);
    point.ran_in = std::move(timing.ran_in);
    point.reason = std::move(timing.reason);
    profile_.points.push_back(std::move(point));
    if (source_.clock() - last_save_ > save_every) {
      request_.save(profile_);
      last_save_ = source_.clock();
    }
  }

  Profile& profile_;
  const ProfileSource& source_;
  const ProfileRequest& request_;
  Dtype dtype_;
  int threads_;
  double& last_save_;
  std::vector<Sequence> sequences_;
};

}  // namespace

double typical_seconds(const std::vector<double>& samples) {
  constexpr double disturbed = 1.5;
  if (samples.empty()) {
    return 0;
  }
  const double most = disturbed * median(samples);
  std::vector<double> kept;
  std::ranges::copy_if(samples, std::back_inserter(kept), [&](double one) { return one <= most; });
  return std::accumulate(kept.begin(), kept.end(), 0.0) / static_cast<double>(kept.size());
}

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
