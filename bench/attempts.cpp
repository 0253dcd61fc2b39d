#include "bench/attempts.h"

#include <fmt/format.h>

#include <utility>

namespace flopmeter {
namespace {

bool noisy(const Measurement& measurement) { return measurement.verdict.status == "noisy"; }

bool better(const Measurement& one, const Measurement& than) {
  return !noisy(one) || sample_deviation(one.samples) < sample_deviation(than.samples);
}

}  // namespace

Measurement settled(Measurement first, const std::function<Measurement()>& again,
                    const Clock& clock) {
  Measurement best = std::move(first);
  const double begin = clock();
  int attempts = 1;
  for (; noisy(best) && attempts < most_attempts && clock() - begin < seconds_for_more_attempts;
       ++attempts) {
    Measurement next = again();
    if (better(next, best)) {
      best = std::move(next);
    }
  }
  best.attempts = attempts;
  if (noisy(best) && attempts > 1) {
    best.verdict.reason += fmt::format("; the steadiest of {} attempts", attempts);
  }
  return best;
}

}  // namespace flopmeter
