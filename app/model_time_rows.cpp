#include "app/model_time_rows.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <optional>

#include "bench/machine/core_time.h"
#include "bench/roofline.h"
#include "counters/convention.h"

namespace flopmeter {
namespace {

void add_cost(const models::Chain& chain, TimedPart& row) {
  const models::FusedNode& node = chain.nodes[row.part.node];
  if (row.part.reorder) {
    return;
  }
  const Formula formula = node.layer->formula(node.shape, node.pass);
  row.flops = static_cast<double>(find_convention("exact").reduce(formula.in_bounds));
  row.bytes = node.weight_bytes + node.read_bytes + node.write_bytes;
}

/// The best of several bursts: most are not interrupted, however busy the machine is.
double best_of(const std::function<double()>& burst) {
  constexpr int bursts = 30;
  double best = 0;
  for (int i = 0; i < bursts; ++i) {
    best = std::max(best, burst());
  }
  return best;
}

/// Of arithmetic in the row's own number type, main memory and the cost of a call that which takes most, if it
/// takes a third.
void add_bound(const TimedRun& run, double peak, double overhead, TimedPart& row) {
  const double compute = row.flops / peak;
  const double memory = run.bandwidth > 0 ? static_cast<double>(row.bytes) / run.bandwidth : 0;
  const auto most = std::max(
      {std::pair{compute, "compute"}, std::pair{memory, "DRAM"}, std::pair{overhead, "overhead"}});
  row.bound = most.first * 3 < row.seconds ? "code" : most.second;
  row.share_of_roof =
      seconds_under({peak, run.bandwidth}, row.flops, static_cast<double>(row.bytes)) / row.seconds;
}

/// Runs in blocks, until the seconds are over and there are enough; ends of the blocks. Every block begins with two runs
/// that are not counted, and where the chain is prepared `anew`, its tensors lie elsewhere in memory.
std::vector<std::size_t> run_blocks(const models::Chain& chain, models::ChainRun& first,
                                    Dtype dtype, double seconds, bool anew, const Clock& clock,
                                    TimedRun& timed) {
  std::vector<std::size_t> ends;
  std::size_t runs = 0;
  for (std::size_t block = 0; block < models::most_blocks; ++block) {
    std::optional<models::ChainRun> again;
    if (anew && block > 0) {
      again.emplace(chain, dtype, timed.threads);
    }
    models::ChainRun& run = again ? *again : first;
    for (int warm = 0; warm < (anew || block == 0 ? 2 : 0); ++warm) {
      run.run();
    }
    std::size_t mine = 0;
    const double share = seconds / static_cast<double>(models::most_blocks);
    for (const double end = clock() + share; mine == 0 || clock() < end; ++mine) {
      run.run(clock, timed.samples);
    }
    runs += mine;
    ends.push_back(runs);
  }
  return ends;
}

}  // namespace

std::int64_t allocated_bytes() {
  const auto info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

double reading_seconds(const Clock& clock) {
  constexpr int readings = 1000;
  const double begin = clock();
  double end = begin;
  for (int i = 0; i < readings; ++i) {
    end = clock();
  }
  return (end - begin) / readings;
}

TimedRun time_chain(const models::Chain& chain, models::ChainRun& run, int threads, Dtype dtype,
                    double seconds, bool anew, Equipment& equipment) {
  const Clock& clock = equipment.clock();
  TimedRun timed{.threads = threads, .arena_bytes = run.arena_bytes()};
  std::map<Dtype, double> peaks;
  const auto peak_of = [&](Dtype type) {
    const auto [found, is_new] = peaks.try_emplace(type, 0);
    if (is_new) {
      const PeakLoop& loop = equipment.peak(type);
      found->second = best_of([&] { return loop.burst(threads, 3e-4); });
    }
    return found->second;
  };
  timed.peak = peak_of(dtype);
  if (const auto roof = equipment.memory_roof(threads)) {
    timed.bandwidth = best_of([&] { return roof->burst(shortest_burst); });
  }
  for (const models::ChainPart& part : run.parts()) {
    peak_of(part.dtype);
  }
  const std::optional<CoreUse> use = core_use();
  const double begin = clock();
  const std::vector<std::size_t> ends = run_blocks(chain, run, dtype, seconds, anew, clock, timed);
  timed.span_seconds = clock() - begin;
  timed.other_cores = cores_of_others(use, core_use());
  const models::RunTimes times = models::run_times(timed.samples, reading_seconds(clock), ends);
  timed.latency = times.latency;
  timed.clock_seconds = times.clock_seconds;
  timed.whole_seconds = times.whole_seconds;
  timed.rows_of = times.rows_of;
  const double overhead = equipment.overhead("onednn", threads).value_or(0);
  for (std::size_t i = 0; i < run.parts().size(); ++i) {
    TimedPart row{.part = run.parts()[i], .seconds = times.parts[i]};
    add_cost(chain, row);
    add_bound(timed, peak_of(row.part.dtype), overhead, row);
    timed.parts.push_back(std::move(row));
  }
  return timed;
}

double gflops(const TimedPart& row) { return row.flops / row.seconds * 1e-9; }

std::map<std::string, double> by_backend(const TimedRun& run) {
  std::map<std::string, double> sums;
  const bool several = std::ranges::any_of(
      run.parts, [](const TimedPart& row) { return row.part.dtype != Dtype::f32; });
  for (const TimedPart& row : run.parts) {
    const std::string name = several
                                 ? fmt::format("{} {}", row.part.backend, to_string(row.part.dtype))
                                 : row.part.backend;
    sums[row.part.reorder ? "reorders" : name] += row.seconds;
  }
  sums["clock"] = run.clock_seconds;
  return sums;
}

std::string shape_of(const TimedPart& row, const models::FusedNode& node) {
  return row.part.reorder ? row.part.implementation : node.layer->print(node.shape);
}

}  // namespace flopmeter
