#include "bench/machine/ridge.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace flopmeter {
namespace {

constexpr std::array<std::string_view, 5> ridge_dtypes{"f64", "f32", "f16", "bf16", "s8"};
constexpr std::array<std::string_view, 3> kernel_operations{"FMA", "multiply + add", "dot product"};

/// Whether a kernel of the dtype may spend its time in the row's instructions.
bool serves(const ThroughputRow& row, std::string_view dtype) {
  const bool of_kernels =
      std::ranges::find(kernel_operations, row.operation) != kernel_operations.end();
  return of_kernels && (row.dtype == dtype || (row.dtype == "f32" && dtype != "f64"));
}

double best_burst(std::span<const ThroughputRow> rows, std::string_view dtype,
                  std::optional<std::int64_t> cores) {
  double best = 0;
  for (const ThroughputRow& row : rows) {
    if (row.cores == cores && serves(row, dtype)) {
      best = std::max(best, row.burst.value_or(0));
    }
  }
  return best;
}

bool measured(std::span<const ThroughputRow> rows, std::string_view dtype) {
  return std::ranges::any_of(
      rows, [&](const ThroughputRow& row) { return row.dtype == dtype && row.burst; });
}

}  // namespace

std::vector<RidgeRow> ridges(std::span<const ThroughputRow> throughput,
                             std::span<const BandwidthRow> bandwidth) {
  std::vector<RidgeRow> rows;
  for (const std::string_view dtype : ridge_dtypes) {
    if (!measured(throughput, dtype)) {
      continue;
    }
    for (const BandwidthRow& load : bandwidth) {
      const double peak = best_burst(throughput, dtype, load.cores);
      if (load.operation == "load" && load.burst.value_or(0) > 0 && peak > 0) {
        rows.push_back({std::string(dtype), load.level, load.cores, peak / *load.burst});
      }
    }
  }
  return rows;
}

}  // namespace flopmeter
