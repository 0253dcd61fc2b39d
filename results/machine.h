// What was measured of a machine itself: its clock, caches, instruction throughput and memory.
// Lists of rows, each with the one list of fields that every writer walks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flopmeter {

/// A cache as one core sees it.
struct CacheRow {
  std::optional<std::int64_t> level = {};  // 1, 2, 3, ...
  std::optional<std::int64_t> bytes = {};
  std::optional<std::int64_t> line_bytes = {};
  std::optional<std::int64_t> shared_by = {};  // logical cores, this one too
};

/// The core's clock, from chains of dependent integer additions.
struct ClockRow {
  std::string load = {};  // what runs meanwhile: "none", "FMA 256", "FMA 512"
  std::string when = {};  // "before", "between", "after"
  std::optional<std::int64_t> cores = {};
  std::optional<double> ghz = {};
};

/// How fast an instruction mix runs. Nothing in it is converted: an FMA lane has two operations, a
/// lane of any other instruction one, a dot product two for each product.
struct ThroughputRow {
  std::string operation = {};  // "FMA", "add", "multiply + add", "dot product", "divide", ...
  std::optional<std::int64_t> bits = {};  // of the register; of a scalar, of its element
  std::string dtype = {};                 // of the factors: f64 f32 f16 bf16 s8
  std::string isa = {};                   // "avx512f"
  std::string instruction = {};           // as a disassembler shows it
  std::optional<std::int64_t> cores = {};
  std::optional<double> burst = {};      // operations a second: 90th percentile of many short looks
  std::optional<double> sustained = {};  // operations a second: the mean over all of the time
  std::optional<double> ghz = {};        // the clock right beside the bursts
  std::optional<double> instructions_per_cycle = {};  // of a core, from burst and ghz
  std::optional<double> latency_cycles = {};  // from an operand to the result; one core only
  std::string status = {};                    // ok | noisy | unavailable | failed
  std::string reason = {};
};

/// How fast memory is read and written, where the data are.
struct BandwidthRow {
  std::string operation = {};              // "load", "store", "copy", "triad", "non-temporal store"
  std::string level = {};                  // where the working set fits: L1, L2, L3, DRAM
  std::optional<std::int64_t> bytes = {};  // working set of each core, all arrays
  std::optional<std::int64_t> cores = {};
  std::optional<double> burst = {};      // bytes a second that the program asks for
  std::optional<double> sustained = {};  // bytes a second
  std::string pages = {};                // "4 KiB", "2 MiB (transparent)"
  std::string status = {};
  std::string reason = {};
};

/// How long one load takes whose address is what the load before it returned.
struct LatencyRow {
  std::string level = {};
  std::optional<std::int64_t> bytes = {};  // working set
  std::optional<double> seconds = {};
  std::optional<double> cycles = {};
  std::string pages = {};
  std::string status = {};
  std::string reason = {};
};

/// The intensity at which memory and arithmetic take equally long.
struct RidgeRow {
  std::string dtype = {};
  std::string level = {};
  std::optional<std::int64_t> cores = {};
  // FLOP/byte, of integers operation/byte: peak over load bandwidth
  std::optional<double> intensity = {};
  std::string status = {};  // ok | noisy, where one of the two rows is
  std::string reason = {};
};

struct Machine {
  std::optional<std::int64_t> cores = {};           // logical, that the process may run on
  std::optional<std::int64_t> physical_cores = {};  // of them; hyper-threads counted once
  std::optional<std::int64_t> numa_nodes = {};
  std::optional<double> steal_percent =
      {};                              // of the cores' time that the hypervisor gave to others
  std::optional<double> seconds = {};  // that measuring took
  std::vector<CacheRow> caches = {};
  std::vector<ClockRow> clock = {};
  std::vector<ThroughputRow> throughput = {};
  std::vector<BandwidthRow> bandwidth = {};
  std::vector<LatencyRow> latency = {};
  std::vector<RidgeRow> ridges = {};
};

template <class Row>
using RowMember = std::variant<std::string Row::*, std::optional<std::int64_t> Row::*,
                               std::optional<double> Row::*>;

/// One field of a row: its key in JSON, its unit, its heading for people (empty: not in tables).
template <class Row>
struct RowField {
  std::string_view key;
  std::string_view unit;
  std::string_view heading;
  RowMember<Row> member;
};

/// Every field, in the order of every output.
template <class Row>
std::span<const RowField<Row>> row_fields();

template <>
std::span<const RowField<CacheRow>> row_fields();
template <>
std::span<const RowField<ClockRow>> row_fields();
template <>
std::span<const RowField<ThroughputRow>> row_fields();
template <>
std::span<const RowField<BandwidthRow>> row_fields();
template <>
std::span<const RowField<LatencyRow>> row_fields();
template <>
std::span<const RowField<RidgeRow>> row_fields();
template <>
std::span<const RowField<Machine>> row_fields();  // those that are no lists

}  // namespace flopmeter
