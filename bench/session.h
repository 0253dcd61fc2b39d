// The cases between Google Benchmark, which calls them, and the sink, which takes their rows.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/driver.h"
#include "bench/equipment.h"
#include "bench/trial.h"

namespace flopmeter {

class Session {
 public:
  Session(std::span<const BenchCase> cases, const BenchmarkFlags& flags, const Sink& sink,
          const Clock& clock);

  /// Registers every case with Google Benchmark. Operands are made when a case is called first.
  void register_cases();

  /// Google Benchmark has finished the case that it called last, of which so many repetitions
  /// count: its row goes to the sink, its memory is freed. Does nothing where that was done.
  void finish(std::size_t repetitions);

 private:
  void call(const BenchCase& what, benchmark::State& state);
  void configure(benchmark::internal::Benchmark& registered, const BenchCase& what) const;

  std::span<const BenchCase> cases_;
  const BenchmarkFlags& flags_;
  const Sink& sink_;
  std::vector<std::string> measuring_flags_;
  Equipment equipment_;
  const BenchCase* current_ = nullptr;
  std::optional<Trial> trial_;
};

}  // namespace flopmeter
