#include "bench/experiments/composition/composition.h"

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

/// Adds the seconds of every part of one run.
void run_in_place(const std::vector<RunPart>& parts, std::vector<double>& seconds) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double begin = thread_seconds();
    parts[i].run();
    seconds[i] += thread_seconds() - begin;
  }
}

/// Medians over rounds, part by part.
class Times {
 public:
  explicit Times(std::size_t parts) : alone_(parts), in_place_(parts) {}

  void round(const Sampler& whole, const std::vector<Sampler>& alone,
             const std::vector<RunPart>& parts) {
    whole_.push_back(whole());
    double sum = 0;
    for (std::size_t i = 0; i < alone.size(); ++i) {
      alone_[i].push_back(alone[i] ? alone[i]() : 0);
      sum += alone_[i].back();
    }
    sums_.push_back(sum);
    ratios_.push_back(whole_.back() / sum);
    constexpr int calls = 5;
    std::vector<double> seconds(parts.size());
    for (int i = 0; i < calls; ++i) {
      run_in_place(parts, seconds);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      in_place_[i].push_back(seconds[i] / calls);
    }
  }

  CompositionTime result(std::vector<PartTime> parts) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].alone = median(alone_[i]);
      parts[i].in_place = median(in_place_[i]);
    }
    return {median(whole_), median(sums_), median(ratios_), std::move(parts)};
  }

 private:
  std::vector<double> whole_, sums_, ratios_;
  std::vector<std::vector<double>> alone_, in_place_;
};

}  // namespace

std::optional<CompositionTime> time_composition(const Problem& problem, const AnyBackend& backend,
                                                int rounds) {
  const auto whole = prepare_alone(problem, Pass::forward, backend);
  if (!whole) {
    return std::nullopt;
  }
  const Network network = flattened(problem.layer->network(problem.values, Pass::forward));
  std::vector<Alone> layers;
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
    samplers.push_back(overhead::sampler(layers[alone].prepared.run));
    parts.push_back({fmt::format("{}: {} {}", node->label, node->layer->name, one.shape()), false,
                     0, 0, layers[alone].prepared.implementation});
    ++node;
  }
  Times times(parts.size());
  const Sampler sampler = overhead::sampler(whole->prepared.run);
  for (int i = 0; i < rounds; ++i) {
    times.round(sampler, samplers, whole->prepared.parts);
  }
  return times.result(std::move(parts));
}

}  // namespace flopmeter::composition
