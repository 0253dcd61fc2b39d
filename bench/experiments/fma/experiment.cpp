#include "bench/experiments/fma/experiment.h"

#include <algorithm>
#include <stdexcept>

#include "bench/experiments/fma/verify.h"
#include "bench/machine/cycle_code.h"
#include "counters/executed/counter.h"

namespace flopmeter {
namespace {

constexpr std::int64_t verified_passes = 1000;

/// One loop that may be timed.
struct Runnable {
  MacCode code;
  MacState state;
  LoopResult* result;
};

/// Says in the result why it may not.
bool verify(const MacCode& code, MacState& state, LoopResult& result) try {
  result.failed =
      difference(executed_by(code, state, verified_passes), result.loop.expected(verified_passes));
  return result.failed.empty();
} catch (const executed::Uncountable& error) {
  result.failed = error.what();
  return false;
} catch (const std::runtime_error& error) {
  result.unavailable = error.what();
  return false;
}

std::vector<Runnable> make_runnable(std::vector<LoopResult>& results) {
  std::vector<Runnable> runnable;
  for (LoopResult& result : results) {
    result.unavailable = why_not(result.loop);
    if (result.unavailable.empty()) {
      MacCode code(result.loop);
      MacState state(result.loop);
      if (verify(code, state, result)) {
        runnable.push_back({std::move(code), std::move(state), &result});
      }
    }
  }
  return runnable;
}

Timing look(Runnable& loop, const CycleCode& cycle, const FmaOptions& options, const Clock& clock) {
  const auto run = [&](std::int64_t passes) {
    loop.state.reset();
    loop.code.run(passes, loop.state);
  };
  const auto tick = [&](std::int64_t passes) { cycle.run(passes); };
  return time_passes(run, tick, CycleCode::cycles_per_pass, clock, options.seconds);
}

const LoopResult* find(std::span<const LoopResult> results, Mix mix, Form form) {
  const auto found = std::ranges::find_if(results, [&](const LoopResult& result) {
    return result.loop.mix == mix && result.loop.form == form && !result.timings.empty();
  });
  return found == results.end() ? nullptr : &*found;
}

std::optional<Estimate> ratio(const LoopResult* a, const LoopResult* b) {
  return a != nullptr && b != nullptr ? std::optional(ratio(a->timings, b->timings)) : std::nullopt;
}

}  // namespace

std::vector<LoopResult> measure_loops(const std::vector<MacLoop>& loops, const FmaOptions& options,
                                      const Clock& clock) {
  std::vector<LoopResult> results;
  for (const MacLoop& loop : loops) {
    results.push_back({loop});
  }
  std::vector<Runnable> runnable = make_runnable(results);
  const CycleCode cycle;
  auto timings = take_rounds(runnable.size(), options.rounds, [&](std::size_t i) {
    return look(runnable[i], cycle, options, clock);
  });
  for (std::size_t i = 0; i < runnable.size(); ++i) {
    runnable[i].result->timings = std::move(timings[i]);
  }
  return results;
}

Answer answer(std::span<const LoopResult> results) {
  Answer answer{results.front().loop.real, results.front().loop.width, {}};
  for (const Mix mix : all_mixes) {
    answer.speedups.at(static_cast<std::size_t>(mix)) =
        ratio(find(results, mix, Form::separate), find(results, mix, Form::fused));
  }
  answer.fma_over_multiply = ratio(find(results, Mix::throughput, Form::fused),
                                   find(results, Mix::throughput, Form::multiply));
  for (const LoopResult& result : results) {
    if (answer.reason.empty()) {
      answer.reason = result.unavailable.empty() ? result.failed : result.unavailable;
    }
  }
  return answer;
}

std::optional<bool> does_two_in_one(const Answer& answer) {
  const auto& found = answer.fma_over_multiply;
  if (!found || found->deviation > same_within) {
    return std::nullopt;
  }
  return found->median <= 1 + same_within;
}

}  // namespace flopmeter
