// One case being timed. Its operands live as long as it does, so that only one case's are in
// memory.
#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/bench_case.h"
#include "bench/calibration.h"
#include "bench/equipment.h"
#include "bench/machine/core_time.h"
#include "bench/measurement.h"

namespace flopmeter {

class Trial {
 public:
  /// Prepares the backend and validates its output. Never throws on account of the case: what goes
  /// wrong becomes its verdict.
  Trial(const BenchCase& what, Equipment& equipment);

  /// One call by Google Benchmark: a sample between two peak bursts, or SkipWithError with the
  /// reason why there is none.
  void repeat(benchmark::State& state);

  /// What was found out. Google Benchmark calls `repeat` more often than it reports, to find the
  /// number of iterations: the last `repetitions` samples count.
  Measurement result(std::size_t repetitions) const;

  /// The same; a noisy case is measured again, with as many samples, as attempts.h says.
  Measurement settled_result(std::size_t repetitions);

 private:
  /// Operands somewhere in memory, and the kernel that was prepared on them.
  struct Placement {
    std::unique_ptr<Tensors<float>> tensors;
    Prepared prepared;
    std::string layout;
  };

  void set_up();
  bool fits();
  const std::vector<Pass>& computes() const;
  bool place(std::unique_ptr<Tensors<float>> tensors);
  void place_anew();
  void validate();
  void set_up_roofs();
  void measure_again(std::size_t repetitions);
  std::optional<double> overhead() const;
  Verdict verdict(const Measurement& measurement) const;
  void refuse(std::string_view status, std::string reason);
  /// Times so many calls: seconds of all of them.
  using TimeCalls = std::function<double()>;

  void take_sample(std::int64_t calls, const TimeCalls& time);
  double time_under(benchmark::State& state);
  double warm_calls(std::int64_t calls);
  double cold_call();
  double time_alone();
  void count(benchmark::State& state, const Sample& sample) const;

  const BenchCase& what_;
  Equipment& equipment_;
  std::optional<Verdict> refusal_;
  std::int64_t operations_ = 0;
  std::vector<Placement> placements_;  // the last one is timed
  std::optional<Agreement> agreement_;
  const PeakSpec* peak_ = nullptr;
  std::optional<Calibration> ceiling_;
  std::optional<Calibration> bandwidth_;
  std::int64_t bytes_ = 0;
  std::string level_;
  std::optional<CoreUse> use_before_;  // the first sample
  double seconds_per_call_ = 0;        // the last that is known, to choose the length of bursts
  benchmark::IterationCount iterations_ = 0;  // of the last call by Google Benchmark
  std::vector<Sample> samples_;
};

}  // namespace flopmeter
