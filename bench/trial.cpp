#include "bench/trial.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "bench/attempts.h"
#include "bench/memory.h"
#include "bench/memory_roof.h"
#include "bench/row.h"
#include "kernels/inputs.h"

namespace flopmeter {
namespace {

constexpr std::uint64_t seed = 1;

// Larger operands have no lucky places, and may not fit into memory twice.
constexpr std::int64_t most_placed_anew = std::int64_t{32} << 20U;
constexpr std::int64_t most_kept = std::int64_t{256} << 20U;

/// Layers that are not made of others; the layer itself is one.
int parts(const AnyLayer& layer, const Values& values, Pass pass) {
  if (!layer.components) {
    return 1;
  }
  int sum = 0;
  for (const Component& component : layer.components(values, pass)) {
    sum += parts(*component.layer, component.values, component.pass);
  }
  return std::max(sum, 1);
}

}  // namespace

Trial::Trial(const BenchCase& what, Equipment& equipment) : what_(what), equipment_(equipment) {
  try {
    set_up();
  } catch (const CountOverflow& error) {
    refuse("unavailable", error.what());
  } catch (const std::bad_alloc&) {
    refuse("unavailable", "not enough memory");
  } catch (const std::exception& error) {
    refuse("failed", error.what());
  }
}

void Trial::refuse(std::string_view status, std::string reason) {
  refusal_ = Verdict{status, std::move(reason)};
}

void Trial::set_up() {
  if (!fits() || !place(std::make_unique<Tensors<float>>(make_inputs(
                     what_.subject.problem, what_.subject.pass, what_.subject.dtype, seed)))) {
    return;
  }
  operations_ = rated_operations(what_.subject, computes());
  validate();
  set_up_roofs();
}

/// Operands that every call finds in memory have the bandwidth of arrays that no cache holds. Where
/// there is no room for these the case has no level and no roof of memory.
void Trial::set_up_roofs() {
  const int threads = what_.threads;
  const PeakLoop& peak = equipment_.peak(what_.subject.dtype);
  peak_ = &peak.spec();
  ceiling_.emplace([&peak, threads](double seconds) { return peak.burst(threads, seconds); },
                   equipment_.clock());
  bytes_ = rated_bytes(what_.subject, computes());
  const bool cold = what_.cache == Cache::cold;
  const auto roof = cold ? equipment_.memory_roof(threads)
                         : std::make_shared<const MemoryRoof>(bytes_, threads, equipment_.clock());
  if (!roof) {
    return;
  }
  level_ = cold ? "DRAM" : memory_level(equipment_.caches(), bytes_, threads);
  bandwidth_.emplace([roof](double seconds) { return roof->burst(seconds); }, equipment_.clock());
}

const std::vector<Pass>& Trial::computes() const { return placements_.back().prepared.computes; }

bool Trial::fits() {
  std::string lack = lack_of_memory(needed_bytes(what_.subject), available_bytes());
  if (!lack.empty()) {
    refuse("unavailable", std::move(lack));
    return false;
  }
  return true;
}

bool Trial::place(std::unique_ptr<Tensors<float>> tensors) {
  auto [preparation, layout] =
      prepare_arranged(what_.subject, what_.threads, what_.arrangement, *tensors);
  if (auto* absence = std::get_if<Unavailable>(&preparation)) {
    refuse("unavailable", std::move(absence->reason));
    return false;
  }
  placements_.push_back(
      {std::move(tensors), std::get<Prepared>(std::move(preparation)), std::move(layout)});
  return true;
}

/// Where operands happen to lie decides which sets of the caches they share: at the edge of a cache
/// that is worth half of the time. So every repetition has a place of its own, and the samples show
/// what it is worth. Earlier ones are kept, or their pages would be the next to be had.
void Trial::place_anew() {
  if (bytes_ > most_placed_anew ||
      !place(std::make_unique<Tensors<float>>(*placements_.back().tensors))) {
    return;
  }
  if (static_cast<std::int64_t>(placements_.size()) * bytes_ > most_kept) {
    placements_.erase(placements_.begin());
  }
  placements_.back().prepared.run();
}

/// Runs twice, so that a backend that adds to what it left behind is found out.
void Trial::validate() {
  const Case& subject = what_.subject;
  const Problem& problem = subject.problem;
  const auto& [tensors, prepared, layout] = placements_.back();
  const auto& truth = equipment_.truths().of(problem, subject.pass, subject.dtype, *tensors);
  prepared.run();
  const double begin = equipment_.clock()();
  prepared.run();
  seconds_per_call_ = equipment_.clock()() - begin;
  prepared.fetch();
  agreement_ =
      check_agreement(output_values(*tensors), truth,
                      problem.layer->tolerance(problem.values, subject.pass, subject.dtype));
  if (!agreement_->passed) {
    refuse("failed", agreement_->reason);
  } else if (agreement_->trivial) {
    refuse("mistrusted", "the truth is one number everywhere: agreeing with it proves nothing");
  }
}

void Trial::repeat(benchmark::State& state) {
  state.SetLabel(what_.subject.problem.label);
  if (!refusal_) {
    try {
      if (state.max_iterations == iterations_) {
        place_anew();
      }
      iterations_ = state.max_iterations;
      take_sample(state.max_iterations, [&] { return time_under(state); });
      count(state, samples_.back());
    } catch (const std::exception& error) {
      refuse("failed", error.what());
    }
  }
  if (refusal_) {
    // Repetitions must not differ in their iterations: Google Benchmark would end the program.
    while (state.KeepRunningBatch(state.max_iterations)) {
    }
    state.SkipWithError(fmt::format("{}: {}", refusal_->status, refusal_->reason).c_str());
  }
}

/// One untimed call stands between the loops of the roofs and the batch, which would find in its
/// caches what the loops left there.
void Trial::take_sample(std::int64_t calls, const TimeCalls& time) {
  if (!use_before_) {
    use_before_ = core_use();
  }
  const auto count = static_cast<double>(calls);
  const double expected = burst_seconds(count * seconds_per_call_);
  const double bandwidth_before = bandwidth_ ? bandwidth_->before(expected) : 0;
  const double before = ceiling_->before(expected);
  if (what_.cache == Cache::warm) {
    placements_.back().prepared.run();
  }
  seconds_per_call_ = time() / count;
  const double actual = burst_seconds(count * seconds_per_call_);
  const double after = ceiling_->after(actual);
  const double bandwidth_after = bandwidth_ ? bandwidth_->after(actual) : 0;
  samples_.push_back({calls, seconds_per_call_, std::max(before, after),
                      std::max(bandwidth_before, bandwidth_after)});
}

double Trial::time_under(benchmark::State& state) {
  double seconds = 0;
  if (what_.cache == Cache::warm) {
    while (state.KeepRunningBatch(state.max_iterations)) {
      seconds = warm_calls(state.max_iterations);
    }
    return seconds;
  }
  while (state.KeepRunning()) {
    const double call = cold_call();
    state.SetIterationTime(call);
    seconds += call;
  }
  return seconds;
}

/// The same without Google Benchmark, which knows of no sample beyond its repetitions.
double Trial::time_alone() {
  if (what_.cache == Cache::warm) {
    return warm_calls(iterations_);
  }
  double seconds = 0;
  for (std::int64_t call = 0; call < iterations_; ++call) {
    seconds += cold_call();
  }
  return seconds;
}

/// All as one batch, so that our clock stands as close to the calls as Google Benchmark's.
double Trial::warm_calls(std::int64_t calls) {
  const Prepared& prepared = placements_.back().prepared;
  const double begin = equipment_.clock()();
  for (std::int64_t i = 0; i < calls; ++i) {
    prepared.run();
  }
  return equipment_.clock()() - begin;
}

double Trial::cold_call() {
  equipment_.evictor().evict(what_.threads);
  const double begin = equipment_.clock()();
  placements_.back().prepared.run();
  return equipment_.clock()() - begin;
}

/// The rates of one sample, for Google Benchmark's own outputs.
void Trial::count(benchmark::State& state, const Sample& sample) const {
  const Record record =
      row(what_, {.verdict = {"ok", ""}, .computes = computes(), .samples = {sample}});
  state.counters["GFLOPS"] = record.gflops.value_or(0);
  state.counters["GMAC/s"] = record.gmacs_per_second.value_or(0);
  state.counters["GB/s"] = record.gbytes_per_second.value_or(0);
  state.counters["FLOP/byte"] = record.intensity.value_or(0);
  state.counters["peak_GFLOPS"] = record.peak_gflops.value_or(0);
  state.counters["percent_of_peak"] = record.percent_of_peak.value_or(0);
}

/// A composition is as many calls as it has parts.
std::optional<double> Trial::overhead() const {
  const Case& subject = what_.subject;
  std::optional<double> least = equipment_.overhead(std::string(subject.backend), what_.threads);
  if (least) {
    *least *= parts(*subject.problem.layer, subject.problem.values, subject.pass);
  }
  return least;
}

/// What the samples say, and if they say nothing against it, what the company says.
Verdict Trial::verdict(const Measurement& measurement) const {
  const Verdict verdict =
      judge(measurement.samples, static_cast<double>(operations_), static_cast<double>(bytes_));
  if (verdict.status != "ok") {
    return verdict;
  }
  const std::string_view level = level_.empty() ? "DRAM" : std::string_view(level_);
  return judge_company(measurement.other_cores,
                       reached_by_others(equipment_.caches(), level, what_.threads), level);
}

void Trial::measure_again(std::size_t repetitions) {
  use_before_.reset();
  for (std::size_t repetition = 0; repetition < repetitions; ++repetition) {
    place_anew();
    take_sample(iterations_, [&] { return time_alone(); });
  }
}

Measurement Trial::settled_result(std::size_t repetitions) {
  try {
    return settled(
        result(repetitions),
        [&] {
          measure_again(repetitions);
          return result(repetitions);
        },
        equipment_.clock());
  } catch (const std::exception& error) {
    refuse("failed", error.what());
    return result(repetitions);
  }
}

Measurement Trial::result(std::size_t repetitions) const {
  Measurement measurement{.agreement = agreement_};
  if (!placements_.empty()) {
    measurement.implementation = placements_.back().prepared.implementation;
    measurement.layout = placements_.back().layout;
    measurement.computes = computes();
  }
  if (refusal_) {
    measurement.verdict = *refusal_;
    return measurement;
  }
  const std::size_t count = std::min(repetitions, samples_.size());
  measurement.samples.assign(samples_.end() - static_cast<std::ptrdiff_t>(count), samples_.end());
  measurement.peak_instruction = peak_->instruction();
  measurement.memory_level = level_;
  measurement.overhead_seconds = overhead();
  measurement.other_cores = cores_of_others(use_before_, core_use());
  measurement.verdict = verdict(measurement);
  return measurement;
}

}  // namespace flopmeter
