#include "app/alone_times.h"

#include "models/chain/alone.h"

namespace flopmeter {
namespace {

constexpr std::size_t fewest_runs = 5;
constexpr double seconds_alone = 0.02;

}  // namespace

models::RunTimes run_times_of(const models::ChainRun& run, double seconds, const Clock& clock) {
  std::vector<std::vector<double>> samples;
  run.run();
  run.run();
  std::size_t runs = 0;
  for (const double end = clock() + seconds; runs < fewest_runs || clock() < end; ++runs) {
    run.run(clock, samples);
  }
  return models::run_times(samples, 0);
}

double AloneTimes::operator()(std::size_t i) {
  const auto [found, is_new] = known_.try_emplace(models::alone_key(chain_.nodes[i]), 0);
  if (is_new) {
    const models::Chain one = models::alone(chain_, i);
    const models::ChainRun run(one, dtype_, threads_);
    const models::RunTimes times = run_times_of(run, seconds_alone, steady_seconds);
    for (std::size_t part = 0; part < run.parts().size(); ++part) {
      found->second += run.parts()[part].reorder ? 0 : times.parts[part];
    }
  }
  return found->second;
}

}  // namespace flopmeter
