#include "bench/experiments/overhead/harness.h"

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <vector>

#include "bench/benchmark_flags.h"
#include "bench/trial.h"

namespace flopmeter::overhead {
namespace {

/// Swallows what Google Benchmark reports: the trial knows the time.
class NoReport : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

class Harness {
 public:
  explicit Harness(BenchCase what)
      : what_(std::move(what)), equipment_(thread_seconds), trial_(what_, equipment_) {}

  double sample() {
    BenchmarkFlags(
        {"--benchmark_repetitions=1", fmt::format("--benchmark_min_time={}", sample_seconds)})
        .hand_over();
    benchmark::RegisterBenchmark("harness", [this](benchmark::State& state) {
      trial_.repeat(state);
    })->UseRealTime();
    NoReport none;
    benchmark::RunSpecifiedBenchmarks(&none);
    benchmark::ClearRegisteredBenchmarks();
    const Measurement measurement = trial_.result(1);
    if (measurement.samples.empty()) {
      throw std::runtime_error(what_.name() + ": " + measurement.verdict.reason);
    }
    return measurement.samples.back().seconds;
  }

 private:
  BenchCase what_;
  Equipment equipment_;
  Trial trial_;
};

}  // namespace

Sampler harness_sampler(std::string_view layer, std::string_view shape, std::string_view backend) {
  const AnyLayer& found = find_layer(layer);
  auto harness = std::make_shared<Harness>(BenchCase{
      {parse_problem(found, shape), Pass::forward, found.backend(backend).name, Dtype::f32}});
  return [harness] { return harness->sample(); };
}

}  // namespace flopmeter::overhead
