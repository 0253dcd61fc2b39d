#include "bench/session.h"

#include "bench/row.h"

namespace flopmeter {
namespace {

// Enough for a mean, and few enough that emptying the caches between them takes no longer than the
// calls of a warm case.
constexpr benchmark::IterationCount cold_calls = 5;

}  // namespace

Session::Session(std::span<const BenchCase> cases, const BenchmarkFlags& flags, const Sink& sink,
                 const Clock& clock)
    : cases_(cases),
      flags_(flags),
      sink_(sink),
      measuring_flags_(flags.measuring()),
      equipment_(clock) {}

void Session::register_cases() {
  for (const BenchCase& what : cases_) {
    auto* registered = benchmark::RegisterBenchmark(
        what.name().c_str(), [this, &what](benchmark::State& state) { call(what, state); });
    configure(*registered, what);
  }
}

void Session::configure(benchmark::internal::Benchmark& registered, const BenchCase& what) const {
  if (what.cache == Cache::warm) {
    registered.UseRealTime();
    return;
  }
  registered.UseManualTime();
  if (flags_.value("benchmark_min_time").empty()) {
    registered.Iterations(cold_calls);
  }
}

void Session::call(const BenchCase& what, benchmark::State& state) {
  if (current_ != &what) {
    trial_.reset();
    trial_.emplace(what, equipment_);
    current_ = &what;
  }
  trial_->repeat(state);
}

void Session::finish(std::size_t repetitions) {
  if (!trial_) {
    return;
  }
  Record record = row(*current_, trial_->settled_result(repetitions));
  record.command = command(*current_, measuring_flags_);
  trial_.reset();
  current_ = nullptr;
  sink_(record);
}

}  // namespace flopmeter
