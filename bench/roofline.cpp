#include "bench/roofline.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace flopmeter {
namespace {

constexpr double a_third = 1.0 / 3;  // of the time

/// Full over active lanes of the multiply-accumulates; 1 where they were not counted.
double padding(const Record& record) {
  return record.executed_macs_full && record.macs_in_bounds.value_or(0) > 0
             ? static_cast<double>(*record.executed_macs_full) /
                   static_cast<double>(*record.macs_in_bounds)
             : 1;
}

/// The share of a row's time that something needs at least.
struct Share {
  std::string_view word;
  double of_time;
};

}  // namespace

double seconds_under(const Roofs& roofs, double operations, double bytes) {
  const double memory = roofs.bytes_per_second > 0 ? bytes / roofs.bytes_per_second : 0;
  return std::max(operations / roofs.operations_per_second, memory);
}

std::string bound(const Record& record) {
  if (!record.seconds) {
    return "";
  }
  const double arithmetic = record.percent_of_peak.value_or(0) / 100;
  const double bandwidth = record.roof_gbytes_per_second.value_or(0) * 1e9;
  const double memory =
      bandwidth > 0 ? static_cast<double>(record.bytes.value_or(0)) / bandwidth / *record.seconds
                    : 0;
  const double with_padding = arithmetic * padding(record);
  // Of equal shares the first is named.
  const std::array<Share, 3> shares{
      {{with_padding > 2 * arithmetic ? "lanes" : "compute", with_padding},
       {record.memory_level, memory},
       {"overhead", record.overhead_seconds.value_or(0) / *record.seconds}}};
  const Share& largest = *std::ranges::max_element(shares, {}, &Share::of_time);
  return largest.of_time >= a_third ? std::string(largest.word) : "code";
}

}  // namespace flopmeter
