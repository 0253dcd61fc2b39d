#include "bench/compare/shift.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

#include "bench/compare/inference.h"

namespace flopmeter::compare {
namespace {

constexpr double computing_from = 10;  // percent of peak, where a row does not say what bounds it

bool has_peaks(const Record& record) {
  return record.peak_samples.size() == record.samples.size() &&
         std::ranges::all_of(record.peak_samples, [](double peak) { return peak > 0; });
}

bool comparable_peaks(const Pair& pair) {
  const Record& a = *pair.a.record;
  const Record& b = *pair.b.record;
  return same_machine(pair) && has_peaks(a) && has_peaks(b) && a.threads == b.threads &&
         a.peak_instruction == b.peak_instruction;
}

bool computes(const Record& record) {
  return record.bound.empty() ? record.percent_of_peak.value_or(0) >= computing_from
                              : record.bound == "compute";
}

std::vector<double> logarithms(const std::vector<double>& values) {
  std::vector<double> logarithms;
  std::ranges::transform(values, std::back_inserter(logarithms),
                         [](double value) { return std::log(value); });
  return logarithms;
}

/// log(seconds), or log(seconds x peak): operations that the peak would have done meanwhile.
std::vector<double> log_times(const Record& record, bool normalised) {
  std::vector<double> times = logarithms(record.samples);
  if (normalised) {
    std::ranges::transform(times, logarithms(record.peak_samples), times.begin(), std::plus<>());
  }
  return times;
}

double squared(double value) { return value * value; }

}  // namespace

bool follows_peak(const Pair& pair) {
  return comparable_peaks(pair) && computes(*pair.a.record) && computes(*pair.b.record);
}

Shift shift(const Pair& pair, bool normalise) {
  Shift shift;
  shift.normalised = normalise && follows_peak(pair);
  const std::vector<double> a = log_times(*pair.a.record, shift.normalised);
  const std::vector<double> b = log_times(*pair.b.record, shift.normalised);
  shift.time = hodges_lehmann_shift(a, b);
  shift.variance = squared(pairwise_deviation(a)) + squared(pairwise_deviation(b));
  if (comparable_peaks(pair)) {
    shift.peak = hodges_lehmann_shift(logarithms(pair.a.record->peak_samples),
                                      logarithms(pair.b.record->peak_samples));
  }
  shift.drift = shift.peak * (shift.normalised ? normalising_leaves : 1);
  return shift;
}

}  // namespace flopmeter::compare
