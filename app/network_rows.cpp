#include "app/network_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/sharding.h"
#include "bench/library_versions.h"
#include "bench/measurement.h"
#include "results/environment.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

constexpr std::string_view network_cache = "chain";
constexpr std::size_t most_samples = 101;  // that a row keeps, evenly by their order
constexpr double widest_interval = 0.1;    // of the median, else the row is noisy

std::vector<double> some_of(const std::vector<double>& samples) {
  if (samples.size() <= most_samples) {
    return samples;
  }
  std::vector<double> some;
  for (std::size_t i = 0; i < most_samples; ++i) {
    some.push_back(samples[i * (samples.size() - 1) / (most_samples - 1)]);
  }
  return some;
}

std::optional<double> known(double value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}

void set_status(Record& record, const NetworkMeasured& m) {
  const double width = (m.latency.high - m.latency.low) / m.latency.median;
  if (!m.disagreement.empty()) {
    record.status = "failed";
    record.reason = m.disagreement;
  } else if (width > widest_interval) {
    record.status = "noisy";
    record.reason = fmt::format("the interval of the median is {:.0f} % wide", 100 * width);
  } else {
    record.status = "ok";
  }
}

void set_network_rates(Record& record, const NetworkMeasured& m) {
  constexpr double giga = 1e9;
  const double seconds = m.latency.median;
  record.convention = "exact in-bounds";
  if (m.flops > 0) {
    record.flops = static_cast<std::int64_t>(m.flops);
    record.gflops = m.flops / seconds / giga;
  }
  if (m.bytes > 0) {
    record.bytes = static_cast<std::int64_t>(m.bytes);
    record.gbytes_per_second = m.bytes / seconds / giga;
    record.intensity = known(m.flops / m.bytes);
  }
  record.peak_gflops = known(m.peak / giga);
  record.roof_gbytes_per_second = known(m.bandwidth / giga);
  record.percent_of_attainable = known(100 * m.roof_seconds / seconds);
  if (m.flops > 0 && m.peak > 0) {
    record.percent_of_peak = 100 * m.flops / seconds / m.peak;
  }
}

}  // namespace

std::string NetworkCase::shape() const {
  std::string text = std::filesystem::path(path).stem().string();
  for (const auto& [name, size] : dims) {
    text += name == "*" ? "" : fmt::format("_{}{}", name, size);
  }
  return fmt::format("{}_batch{}", text, batch);
}

std::string NetworkCase::name() const {
  return fmt::format("network/forward/chain/{}/{}", dtype, shape());
}

std::string NetworkCase::planned() const {
  return fmt::format("{}, {} threads, {}", name(), threads, network_cache);
}

double NetworkCase::cost() const {
  double cost = static_cast<double>(batch);
  for (const auto& [dimension, size] : dims) {
    cost *= dimension == "*" ? 1 : static_cast<double>(std::max<std::int64_t>(size, 1));
  }
  return cost;
}

std::string company_text(const std::optional<double>& other_cores) {
  return other_cores.value_or(0) <= other_cores_above
             ? ""
             : fmt::format(
                   "  other processes kept {:.1f} cores busy meanwhile: on a machine of its own it "
                   "takes less\n",
                   *other_cores);
}

Record network_record(const NetworkCase& of, const NetworkMeasured& measured) {
  Record record;
  record.name = of.name();
  record.label = std::filesystem::path(of.path).stem().string();
  record.layer = "network";
  record.pass = "forward";
  record.backend = "chain";
  record.dtype = of.dtype;
  record.shape = of.shape();
  record.threads = of.threads;
  record.cache = network_cache;
  record.implementation = measured.note;
  record.command = measured.command;
  record.other_cores = measured.other_cores;
  set_status(record, measured);
  if (record.status != "failed") {
    record.seconds = measured.latency.median;
    record.samples = some_of(measured.samples);
    record.calls = 1;
    record.bound = measured.bound;
    if (!record.samples.empty()) {
      record.spread = spread(record.samples);
      record.deviation = median_deviation(record.samples);
    }
    set_network_rates(record, measured);
  }
  return record;
}

NetworkResults::NetworkResults(const std::string& path, bool resume, const Shard& shard,
                               const std::vector<NetworkCase>& mine)
    : file_(path, measure_environment(library_versions()), resume) {
  std::vector<std::string> names;
  std::ranges::transform(mine, std::back_inserter(names), &NetworkCase::planned);
  note_shard(path, shard, names);
}

bool NetworkResults::answered(const NetworkCase& one) const {
  return file_.has(one.name(), one.threads, network_cache);
}

}  // namespace flopmeter
