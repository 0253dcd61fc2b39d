#include "app/model_instances.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "bench/clock.h"
#include "bench/machine/pinned_team.h"
#include "kernels/bad_input.h"
#include "models/chain/chain_run.h"

namespace flopmeter {
namespace {

constexpr double offered_share = 0.7;
constexpr std::uint64_t arrival_seed = 1;
constexpr double spun = 2e-4;  // seconds before an arrival that are not slept

/// The calling thread, and those that it starts, on so many cores from the first on.
void stay_on(const std::vector<int>& cores, int first, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = first; i < first + count; ++i) {
    CPU_SET(static_cast<std::size_t>(cores[static_cast<std::size_t>(i)]), &set);
  }
  sched_setaffinity(0, sizeof set, &set);
}

void wait_until(double moment) {
  const double sleep = moment - steady_seconds() - spun;
  if (sleep > 0) {
    std::this_thread::sleep_for(std::chrono::duration<double>(sleep));
  }
  while (steady_seconds() < moment) {
  }
}

/// Calls work(0) ... work(count - 1), each on a thread of its own; what one throws is thrown here.
void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  std::exception_ptr thrown;
  std::mutex mutex;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        work(i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        thrown = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

}  // namespace

std::vector<double> poisson_arrivals(double per_second, double seconds, std::uint64_t seed) {
  // Numbers of the generator itself: distributions differ between libraries.
  std::mt19937_64 random(seed);
  std::vector<double> all;
  for (double at = 0;;) {
    const double share = (static_cast<double>(random() >> 11U) + 0.5) * 0x1p-53;
    at -= std::log(share) / per_second;
    if (at >= seconds && !all.empty()) {
      return all;
    }
    all.push_back(at);
  }
}

std::vector<double> serve(int workers, const std::vector<double>& arrivals,
                          const std::function<void(int)>& run, double& end) {
  std::vector<double> seconds(arrivals.size());
  std::vector<double> ends(static_cast<std::size_t>(workers), 0);
  std::atomic<std::size_t> next = 0;
  const double begin = steady_seconds();
  on_threads(workers, [&](int worker) {
    for (std::size_t i = next++; i < arrivals.size(); i = next++) {
      wait_until(begin + arrivals[i]);
      run(worker);
      const double now = steady_seconds() - begin;
      seconds[i] = now - arrivals[i];
      ends[static_cast<std::size_t>(worker)] = now;
    }
  });
  end = *std::max_element(ends.begin(), ends.end());
  return seconds;
}

InstancesRun run_instances(const models::Chain& chain, Dtype dtype, int instances, int threads,
                           double seconds, double arrivals) {
  const std::vector<int> cores = allowed_cores();
  if (instances * threads > static_cast<int>(cores.size())) {
    bad_input("--instances {}: {} cores of {} threads each are needed, there are {}", instances,
              instances * threads, threads, cores.size());
  }
  InstancesRun made{.instances = instances, .threads = threads};
  std::vector<std::unique_ptr<models::ChainRun>> runs(static_cast<std::size_t>(instances));
  std::vector<std::vector<double>> samples(static_cast<std::size_t>(instances));
  on_threads(instances, [&](int i) {
    stay_on(cores, i * threads, threads);
    auto& run = runs[static_cast<std::size_t>(i)];
    run = std::make_unique<models::ChainRun>(chain, dtype, threads);
    run->run();
    run->run();
  });
  on_threads(instances, [&](int i) {
    stay_on(cores, i * threads, threads);
    auto& mine = samples[static_cast<std::size_t>(i)];
    for (const double end = steady_seconds() + seconds; mine.empty() || steady_seconds() < end;) {
      const double begin = steady_seconds();
      runs[static_cast<std::size_t>(i)]->run();
      mine.push_back(steady_seconds() - begin);
    }
  });
  std::vector<double> all;
  for (const std::vector<double>& mine : samples) {
    const models::Latency own = models::latency_of(mine);
    made.runs_per_second += 1 / own.mean;
    all.insert(all.end(), mine.begin(), mine.end());
  }
  made.latency = models::latency_of(std::move(all));
  made.open.offered_per_second = arrivals > 0 ? arrivals : offered_share * made.runs_per_second;
  const auto requests = poisson_arrivals(made.open.offered_per_second, seconds, arrival_seed);
  double end = 0;
  auto latencies = serve(
      instances, requests,
      [&](int worker) {
        stay_on(cores, worker * threads, threads);
        runs[static_cast<std::size_t>(worker)]->run();
      },
      end);
  made.open.served_per_second = static_cast<double>(requests.size()) / end;
  made.open.latency = models::latency_of(std::move(latencies));
  return made;
}

std::string instances_text(const InstancesRun& run, const std::string& inference) {
  const models::Latency& closed = run.latency;
  const models::Latency& open = run.open.latency;
  const auto batch = static_cast<double>(run.batch);
  return fmt::format(
      "  {} instances of {} thread{}, each on cores of its own: {:.1f} inferences a second{} "
      "(batch {}); a run "
      "{:.3f} ms (median), 90th percentile {:.3f}, 99th {:.3f}\n"
      "  at {:.1f} inferences a second that arrive at random: {:.1f} served; from arrival to end "
      "{:.3f} ms (median of {}), 90th percentile {:.3f}, 99th {:.3f}\n\n",
      run.instances, run.threads, run.threads == 1 ? "" : "s", batch * run.runs_per_second,
      inference, run.batch, closed.median * 1e3, closed.p90 * 1e3, closed.p99 * 1e3,
      batch * run.open.offered_per_second, batch * run.open.served_per_second, open.median * 1e3,
      open.runs, open.p90 * 1e3, open.p99 * 1e3);
}

nlohmann::json instances_json(const InstancesRun& run) {
  const auto of = [](const models::Latency& l) {
    return nlohmann::json{{"latency_seconds", l.median},
                          {"latency_p90_seconds", l.p90},
                          {"latency_p99_seconds", l.p99},
                          {"runs", l.runs}};
  };
  const auto batch = static_cast<double>(run.batch);
  nlohmann::json whole = of(run.latency);
  whole["instances"] = run.instances;
  whole["threads"] = run.threads;
  whole["inferences_per_second"] = batch * run.runs_per_second;
  whole["open_loop"] = of(run.open.latency);
  whole["open_loop"]["offered_inferences_per_second"] = batch * run.open.offered_per_second;
  whole["open_loop"]["served_inferences_per_second"] = batch * run.open.served_per_second;
  return whole;
}

}  // namespace flopmeter
