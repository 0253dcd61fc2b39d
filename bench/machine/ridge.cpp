#include "bench/machine/ridge.h"

#include <algorithm>
#include <array>
#include <string>
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

/// Null where there is no burst.
const ThroughputRow* fastest(std::span<const ThroughputRow> rows, std::string_view dtype,
                             std::optional<std::int64_t> cores) {
  const ThroughputRow* best = nullptr;
  for (const ThroughputRow& row : rows) {
    if (row.cores == cores && serves(row, dtype) &&
        row.burst.value_or(0) > (best != nullptr ? *best->burst : 0)) {
      best = &row;
    }
  }
  return best;
}

RidgeRow ridge(std::string_view dtype, const ThroughputRow& peak, const BandwidthRow& load) {
  RidgeRow row{.dtype = std::string(dtype),
               .level = load.level,
               .cores = load.cores,
               .intensity = *peak.burst / *load.burst,
               .status = "ok"};
  const auto doubt = [&](const std::string& status, std::string_view what) {
    if (status == "noisy") {
      row.status = status;
      row.reason += (row.reason.empty() ? "noisy: " : " and ") + std::string(what);
    }
  };
  doubt(peak.status, "the peak of " + peak.instruction);
  doubt(load.status, "loads from " + load.level);
  return row;
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
      const ThroughputRow* const peak = fastest(throughput, dtype, load.cores);
      if (load.operation == "load" && load.burst.value_or(0) > 0 && peak != nullptr) {
        rows.push_back(ridge(dtype, *peak, load));
      }
    }
  }
  return rows;
}

}  // namespace flopmeter
