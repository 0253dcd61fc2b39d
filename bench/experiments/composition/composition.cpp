#include "bench/experiments/composition/composition.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "bench/experiments/overhead/contest.h"
#include "kernels/inputs.h"
#include "kernels/network/flatten.h"
#include "statistics/statistics.h"

namespace flopmeter::composition {
namespace {

using overhead::Sampler;
using overhead::thread_seconds;

/// A layer with its tensors, alone.
struct Alone {
  std::unique_ptr<Tensors<float>> tensors;
  Prepared prepared;
};

std::optional<Alone> prepare_alone(const Problem& problem, Pass pass, const AnyBackend& backend) {
  Alone alone{std::make_unique<Tensors<float>>(make_inputs(problem, pass, Dtype::f32, 1)), {}};
  Preparation made = backend.prepare(problem.values, {.pass = pass}, *alone.tensors);
  if (!std::holds_alternative<Prepared>(made)) {
    return std::nullopt;
  }
  alone.prepared = std::get<Prepared>(std::move(made));
  return alone;
}

/// What two looks at the clock take: it is a system call, as long as a small layer.
double seconds_of_a_look() {
  std::vector<double> looks(101);
  for (double& look : looks) {
    const double begin = thread_seconds();
    look = thread_seconds() - begin;
  }
  return median(looks);
}

/// Adds the seconds of every part of one run.
void run_in_place(const std::vector<RunPart>& parts, double look, std::vector<double>& seconds) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double begin = thread_seconds();
    parts[i].run();
    seconds[i] += std::max(0.0, thread_seconds() - begin - look);
  }
}

/// Medians over rounds, part by part.
class Times {
 public:
  explicit Times(std::size_t parts) : warm_(parts), in_place_(parts) {}

  void round(const Sampler& whole, const Sampler& in_turn, const std::vector<Sampler>& alone,
             const std::vector<RunPart>& parts) {
    whole_.push_back(whole());
    in_turn_.push_back(in_turn());
    in_turn_ratios_.push_back(whole_.back() / in_turn_.back());
    double sum = 0;
    for (std::size_t i = 0; i < alone.size(); ++i) {
      warm_[i].push_back(alone[i] ? alone[i]() : 0);
      sum += warm_[i].back();
    }
    sums_.push_back(sum);
    ratios_.push_back(whole_.back() / sum);
    constexpr int calls = 5;
    std::vector<double> seconds(parts.size());
    for (int i = 0; i < calls; ++i) {
      run_in_place(parts, look_, seconds);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      in_place_[i].push_back(seconds[i] / calls);
    }
  }

  CompositionTime result(std::vector<PartTime> parts) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].warm = median(warm_[i]);
      parts[i].in_place = median(in_place_[i]);
    }
    return {.whole = median(whole_),
            .in_turn = median(in_turn_),
            .warm = median(sums_),
            .ratio = median(ratios_),
            .in_turn_ratio = median(in_turn_ratios_),
            .each = std::move(parts)};
  }

 private:
  double look_ = seconds_of_a_look();
  std::vector<double> whole_, in_turn_, sums_, ratios_, in_turn_ratios_;
  std::vector<std::vector<double>> warm_, in_place_;
};

std::int64_t constant_bytes(const Network& network) {
  std::int64_t sum = 0;
  for (const Tensor& tensor : network.tensors()) {
    sum += tensor.lifetime == Lifetime::constant ? elements(tensor) : 0;
  }
  return sum * size_of(Dtype::f32);
}

}  // namespace

double CompositionTime::forced() const {
  double sum = 0;
  for (const PartTime& part : each) {
    sum += part.forced ? part.in_place : 0;
  }
  return sum;
}

std::optional<CompositionTime> time_composition(const Problem& problem, const AnyBackend& backend,
                                                int rounds) {
  const auto whole = prepare_alone(problem, Pass::forward, backend);
  if (!whole) {
    return std::nullopt;
  }
  const Network network = flattened(problem.layer->network(problem.values, Pass::forward));
  std::vector<Alone> layers;
  std::vector<std::function<void()>> runs;
  std::vector<Sampler> samplers;
  std::vector<PartTime> parts;
  auto node = network.nodes().begin();
  for (const RunPart& part : whole->prepared.parts) {
    if (part.forced) {
      samplers.emplace_back();
      parts.push_back({fmt::format("{} ({})", part.label, part.implementation), true});
      continue;
    }
    const Problem one{node->layer, node->shape, ""};
    const auto alone = layers.size();
    layers.push_back(*prepare_alone(one, node->pass, node->layer->backend(backend.name)));
    runs.push_back(layers[alone].prepared.run);
    samplers.push_back(overhead::sampler(runs.back()));
    parts.push_back({fmt::format("{}: {} {}", node->label, node->layer->name, one.shape()), false,
                     0, 0, layers[alone].prepared.implementation});
    ++node;
  }
  Times times(parts.size());
  const Sampler sampler = overhead::sampler(whole->prepared.run);
  const Sampler in_turn = overhead::sampler([&runs] {
    for (const auto& run : runs) {
      run();
    }
  });
  for (int i = 0; i < rounds; ++i) {
    times.round(sampler, in_turn, samplers, whole->prepared.parts);
  }
  CompositionTime time = times.result(std::move(parts));
  time.constant_bytes = constant_bytes(network);
  return time;
}

}  // namespace flopmeter::composition
