#include "app/language_rows.h"

#include <algorithm>
#include <utility>

#include "app/model_time_rows.h"
#include "bench/roofline.h"
#include "kernels/eigen/share.h"
#include "kernels/generation/product.h"

namespace flopmeter {
namespace {

using generation::Format;

constexpr std::size_t fewest_runs = 5;
constexpr int bursts = 30;

double best_of(const std::function<double()>& burst) {
  double best = 0;
  for (int i = 0; i < bursts; ++i) {
    best = std::max(best, burst());
  }
  return best;
}

/// Of an empty parallel region.
double region_seconds(int threads, const Clock& clock) {
  double best = 1;
  for (int i = 0; i < bursts; ++i) {
    const double begin = clock();
    eigen::share(threads, threads, [](std::int64_t) {});
    best = std::min(best, clock() - begin);
  }
  return best;
}

void add_bound(const LanguageRun& run, LanguageRow& row) {
  const models::GenerationPart& part = row.part;
  const auto over = [](double amount, double rate) { return rate > 0 ? amount / rate : 0; };
  const auto unpacking = run.unpacking.find(part.format);
  const auto most = std::max(
      {std::pair{over(static_cast<double>(part.weight_bytes), run.bandwidth), "weights"},
       std::pair{over(static_cast<double>(part.cache_bytes), run.bandwidth), "cache"},
       std::pair{unpacking == run.unpacking.end()
                     ? 0
                     : over(static_cast<double>(part.weight_bytes), unpacking->second),
                 "unpacking"},
       std::pair{over(part.flops, run.peak), "compute"}, std::pair{run.overhead, "overhead"}});
  row.bound = most.first * 3 < row.seconds ? "code" : most.second;
  row.share_of_roof = seconds_under({run.peak, run.bandwidth}, part.flops,
                                    static_cast<double>(part.weight_bytes + part.cache_bytes)) /
                      row.seconds;
}

}  // namespace

std::int64_t LanguageRun::weight_bytes_read() const {
  std::int64_t sum = 0;
  for (const LanguageRow& row : rows) {
    sum += row.part.weight_bytes;
  }
  return sum;
}

std::int64_t LanguageRun::cache_bytes_read() const {
  std::int64_t sum = 0;
  for (const LanguageRow& row : rows) {
    sum += row.part.cache_bytes;
  }
  return sum;
}

double LanguageRun::tokens_per_second() const {
  return static_cast<double>(phase.batch * phase.tokens) / latency.median;
}

double LanguageRun::read_rate() const {
  return static_cast<double>(weight_bytes_read() + cache_bytes_read()) / latency.median;
}

std::map<std::string, double> LanguageRun::seconds_by_bound() const {
  std::map<std::string, double> sums;
  for (const LanguageRow& row : rows) {
    sums[row.bound] += row.seconds;
  }
  return sums;
}

double unpacking_rate(Format format, std::int64_t columns, const Clock& clock) {
  constexpr std::int64_t kept = 1 << 18;  // bytes of weights
  constexpr double seconds = 3e-3;
  generation::Matrix w{format, 1, columns, nullptr};
  w.rows = std::max<std::int64_t>(16, kept / w.row_bytes());
  const generation::Memory memory(w.bytes());
  w.data = memory.data();
  generation::draw(format, 1, 1, w.rows * columns, memory.data());
  const std::vector<float> x(static_cast<std::size_t>(columns), 1.0F);
  std::vector<float> y(static_cast<std::size_t>(w.rows));
  generation::StoredProducts products({{w, nullptr, y.data(), w.rows, false}}, x.data(), columns,
                                      1);
  double best = 0;
  for (const double end = clock() + bursts * seconds; clock() < end;) {
    const double begin = clock();
    products.run(1);
    best = std::max(best, static_cast<double>(w.bytes()) / (clock() - begin));
  }
  return best;
}

LanguageRun time_generation(models::Generator& generator, const models::Phase& phase, int threads,
                            double seconds, Equipment& equipment) {
  const Clock& clock = equipment.clock();
  LanguageRun run;
  run.phase = phase;
  run.threads = threads;
  run.arena_bytes = generator.arena_bytes();
  const PeakLoop& peak = equipment.peak(Dtype::f32);
  run.peak = best_of([&] { return peak.burst(threads, 3e-4); });
  if (const auto roof = equipment.memory_roof(threads)) {
    run.bandwidth = best_of([&] { return roof->burst(shortest_burst); });
  }
  generator.run();
  generator.run();
  run.overhead = region_seconds(threads, clock);
  std::vector<std::vector<double>> samples;
  std::size_t runs = 0;
  for (const double end = clock() + seconds; runs < fewest_runs || clock() < end; ++runs) {
    generator.run(clock, samples);
  }
  const models::RunTimes times = models::run_times(samples, reading_seconds(clock));
  run.latency = times.latency;
  run.clock_seconds = times.clock_seconds;
  run.whole_seconds = times.whole_seconds;
  run.rows_of = times.rows_of;
  const bool few = phase.batch * phase.tokens <= 4;
  for (std::size_t i = 0; i < generator.parts().size(); ++i) {
    LanguageRow row{.part = generator.parts()[i], .seconds = times.parts[i]};
    const auto format = generation::format_named(row.part.format);
    if (few && format && !run.unpacking.contains(row.part.format)) {
      run.unpacking[row.part.format] = threads * unpacking_rate(*format, 2048, clock);
    }
    add_bound(run, row);
    run.rows.push_back(std::move(row));
  }
  return run;
}

}  // namespace flopmeter
