#include "app/model_time_rows.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>

#include "bench/roofline.h"
#include "counters/convention.h"
#include "kernels/agreement.h"

namespace flopmeter {
namespace {

constexpr std::size_t fewest_runs = 5;

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
                    double seconds, Equipment& equipment) {
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
  run.run();
  run.run();
  std::size_t runs = 0;
  for (const double end = clock() + seconds; runs < fewest_runs || clock() < end; ++runs) {
    run.run(clock, timed.samples);
  }
  const models::RunTimes times = models::run_times(timed.samples, reading_seconds(clock));
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

std::vector<ResultAgreement> compare_results(const std::vector<models::TrueResult>& truth,
                                             const ResultOf& result) {
  std::vector<ResultAgreement> all;
  for (const models::TrueResult& one : truth) {
    const std::vector<float> got = result(one.name);
    const Agreement agreement = check_agreement(got, one.values, {one.absolute, 0});
    all.push_back({one.name, agreement.max_error, agreement.tolerance, one.largest,
                   agreement.passed, agreement.reason});
    if (one.decided > 0) {
      all.back().against += fmt::format(
          " ({} comparisons of numbers that are equal within errors were taken as the run has "
          "them)",
          one.decided);
    }
    if (one.between > 0) {
      all.back().against +=
          fmt::format(" ({} numbers may be rounded to either of two codes)", one.between);
    }
  }
  return all;
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
