#include "bench/row.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "bench/roofline.h"
#include "counters/convention.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

constexpr double giga = 1e9;

/// The one that was asked for where nothing else is said.
std::vector<Pass> computed(const Case& subject, std::span<const Pass> computes) {
  return computes.empty() ? std::vector<Pass>{subject.pass}
                          : std::vector<Pass>(computes.begin(), computes.end());
}

Formula formula_of(const Case& subject, std::span<const Pass> computes) {
  Formula sum;
  for (const Pass pass : computed(subject, computes)) {
    const Formula one = subject.problem.formula(pass);
    sum = {one.parameters, sum.dense + one.dense, sum.in_bounds + one.in_bounds};
  }
  return sum;
}

/// Of what is computed: rates are of that.
void set_counts(Record& record, const Case& subject, std::span<const Pass> computes) try {
  const Formula formula = formula_of(subject, computes);
  const std::int64_t flops = rated_operations(subject, computes);
  const bool floating = subject.dtype != Dtype::s8;  // what integers do are MACs, but no FLOPs
  record.bytes = rated_bytes(subject, computes);
  record.parameters = formula.parameters;
  record.macs_dense = formula.dense.macs;
  record.macs_in_bounds = formula.in_bounds.macs;
  record.convention =
      fmt::format("{} in-bounds{}", floating ? rated_convention(subject, computes) : "mac",
                  computes.size() > 1 ? of_both_gradients : "");
  if (floating) {
    record.flops = flops;
  }
  if (floating && flops != 0) {
    record.intensity = static_cast<double>(flops) / static_cast<double>(*record.bytes);
  }
} catch (const CountOverflow&) {
  // The row says by its status why the case was not run.
}

void set_agreement(Record& record, const Agreement& agreement) {
  if (std::isfinite(agreement.max_error)) {
    record.max_error = agreement.max_error;
  }
  record.tolerance = agreement.tolerance;
}

void set_times(Record& record, std::span<const Sample> samples) {
  std::ranges::transform(samples, std::back_inserter(record.samples), &Sample::seconds);
  record.seconds = median(record.samples);
  record.spread = spread(record.samples);
  record.deviation = median_deviation(record.samples);
  record.calls = samples.back().calls;
}

/// A rate of what is not done at all stays empty: zero would read as infinitely slow.
void set_rates(Record& record) {
  const auto rate = [&](std::int64_t per_call) -> std::optional<double> {
    if (per_call == 0) {
      return std::nullopt;
    }
    return static_cast<double>(per_call) / *record.seconds / giga;
  };
  record.gflops = rate(record.flops.value_or(0));
  record.gmacs_per_second = rate(*record.macs_in_bounds);
  record.gbytes_per_second = rate(*record.bytes);
}

std::vector<double> giga_of(std::span<const Sample> samples, double Sample::*member) {
  std::vector<double> values;
  std::ranges::transform(samples, std::back_inserter(values),
                         [&](const Sample& sample) { return sample.*member / giga; });
  return values;
}

/// The peak of integers is no number of FLOPS, but percent of it is one all the same.
void set_peak(Record& record, const Case& subject, const Measurement& measurement) {
  const std::int64_t operations = rated_operations(subject, measurement.computes);
  record.peak_samples = giga_of(measurement.samples, &Sample::ceiling);
  if (record.flops) {
    record.peak_gflops = median(record.peak_samples);
  }
  record.peak_spread = spread(record.peak_samples);
  record.peak_deviation = median_deviation(record.peak_samples);
  record.peak_instruction = measurement.peak_instruction;
  if (operations != 0) {
    record.percent_of_peak = percent_of_peak(measurement.samples, static_cast<double>(operations));
  }
}

/// The roofs of arithmetic and of memory together.
void set_roofs(Record& record, const Case& subject, const Measurement& measurement) {
  const auto operations = static_cast<double>(rated_operations(subject, measurement.computes));
  const auto bytes = static_cast<double>(*record.bytes);
  record.memory_level = measurement.memory_level;
  record.overhead_seconds = measurement.overhead_seconds;
  if (!record.memory_level.empty()) {
    record.roof_samples = giga_of(measurement.samples, &Sample::bandwidth);
    record.roof_gbytes_per_second = median(record.roof_samples);
    record.percent_of_attainable = percent_of_attainable(measurement.samples, operations, bytes);
  }
  if (record.intensity && record.peak_gflops && record.roof_gbytes_per_second) {
    record.attainable_gflops =
        std::min(*record.peak_gflops, *record.roof_gbytes_per_second * *record.intensity);
  }
  record.bound = bound(record);
}

}  // namespace

std::string_view rated_convention(const Case& subject, std::span<const Pass> computes) {
  return formula_of(subject, computes).in_bounds.macs == 0 ? "exact" : "flop2";
}

std::int64_t rated_operations(const Case& subject, std::span<const Pass> computes) {
  return find_convention(rated_convention(subject, computes))
      .reduce(formula_of(subject, computes).in_bounds);
}

std::int64_t rated_bytes(const Case& subject, std::span<const Pass> computes) {
  return compulsory_bytes(subject.problem, computed(subject, computes), subject.dtype);
}

Record planned_row(const BenchCase& what) {
  const Case& subject = what.subject;
  Record record;
  record.name = what.arranged_name();
  record.label = subject.problem.label;
  record.layer = subject.problem.layer->name;
  record.pass = to_string(subject.pass);
  record.backend = subject.backend;
  record.dtype = to_string(subject.dtype);
  record.shape = subject.problem.shape();
  record.threads = what.threads;
  record.cache = to_string(what.cache);
  if (what.arrangement != Arrangement::own) {
    record.layout = to_string(what.arrangement);
  }
  set_counts(record, subject, {});
  return record;
}

Record row(const BenchCase& what, const Measurement& measurement) {
  Record record = planned_row(what);
  record.status = measurement.verdict.status;
  record.reason = measurement.verdict.reason;
  record.implementation = measurement.implementation;
  record.layout += measurement.layout.empty() ? "" : ' ' + measurement.layout;
  set_counts(record, what.subject, measurement.computes);
  record.other_cores = measurement.other_cores;
  if (measurement.agreement) {
    set_agreement(record, *measurement.agreement);
  }
  if (!measurement.samples.empty() && record.bytes) {
    set_times(record, measurement.samples);
    record.attempts = measurement.attempts;
    set_rates(record);
    set_peak(record, what.subject, measurement);
    set_roofs(record, what.subject, measurement);
  }
  return record;
}

}  // namespace flopmeter
