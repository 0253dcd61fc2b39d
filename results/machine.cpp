#include "results/machine.h"

#include <array>

namespace flopmeter {
namespace {

constexpr std::array<RowField<CacheRow>, 4> cache_table{{
    {"level", "", "cache", &CacheRow::level},
    {"bytes", "byte", "size", &CacheRow::bytes},
    {"line_bytes", "byte", "line", &CacheRow::line_bytes},
    {"shared_by", "core", "shared by", &CacheRow::shared_by},
}};

constexpr std::array<RowField<ClockRow>, 4> clock_table{{
    {"load", "", "load", &ClockRow::load},
    {"when", "", "when", &ClockRow::when},
    {"cores", "core", "cores", &ClockRow::cores},
    {"ghz", "GHz", "GHz", &ClockRow::ghz},
}};

constexpr std::array<RowField<ThroughputRow>, 13> throughput_table{{
    {"operation", "", "operation", &ThroughputRow::operation},
    {"bits", "bit", "bits", &ThroughputRow::bits},
    {"dtype", "", "dtype", &ThroughputRow::dtype},
    {"isa", "", "ISA", &ThroughputRow::isa},
    {"instruction", "", "instruction", &ThroughputRow::instruction},
    {"cores", "core", "cores", &ThroughputRow::cores},
    {"burst", "operation/s", "burst", &ThroughputRow::burst},
    {"sustained", "operation/s", "sustained", &ThroughputRow::sustained},
    {"ghz", "GHz", "GHz", &ThroughputRow::ghz},
    {"instructions_per_cycle", "instruction/cycle", "IPC", &ThroughputRow::instructions_per_cycle},
    {"latency_cycles", "cycle", "latency", &ThroughputRow::latency_cycles},
    {"status", "", "status", &ThroughputRow::status},
    {"reason", "", "reason", &ThroughputRow::reason},
}};

constexpr std::array<RowField<BandwidthRow>, 9> bandwidth_table{{
    {"operation", "", "operation", &BandwidthRow::operation},
    {"level", "", "level", &BandwidthRow::level},
    {"bytes", "byte", "working set", &BandwidthRow::bytes},
    {"cores", "core", "cores", &BandwidthRow::cores},
    {"burst", "byte/s", "burst", &BandwidthRow::burst},
    {"sustained", "byte/s", "sustained", &BandwidthRow::sustained},
    {"pages", "", "pages", &BandwidthRow::pages},
    {"status", "", "status", &BandwidthRow::status},
    {"reason", "", "reason", &BandwidthRow::reason},
}};

constexpr std::array<RowField<LatencyRow>, 7> latency_table{{
    {"level", "", "level", &LatencyRow::level},
    {"bytes", "byte", "working set", &LatencyRow::bytes},
    {"seconds", "s", "latency", &LatencyRow::seconds},
    {"cycles", "cycle", "cycles", &LatencyRow::cycles},
    {"pages", "", "pages", &LatencyRow::pages},
    {"status", "", "status", &LatencyRow::status},
    {"reason", "", "reason", &LatencyRow::reason},
}};

constexpr std::array<RowField<RidgeRow>, 6> ridge_table{{
    {"dtype", "", "dtype", &RidgeRow::dtype},
    {"level", "", "level", &RidgeRow::level},
    {"cores", "core", "cores", &RidgeRow::cores},
    {"intensity", "FLOP/byte", "FLOP/byte", &RidgeRow::intensity},
    {"status", "", "status", &RidgeRow::status},
    {"reason", "", "reason", &RidgeRow::reason},
}};

constexpr std::array<RowField<Machine>, 5> machine_table{{
    {"cores", "core", "cores", &Machine::cores},
    {"physical_cores", "core", "physical cores", &Machine::physical_cores},
    {"numa_nodes", "", "NUMA nodes", &Machine::numa_nodes},
    {"steal_percent", "%", "stolen time", &Machine::steal_percent},
    {"seconds", "s", "measured in", &Machine::seconds},
}};

}  // namespace

template <>
std::span<const RowField<CacheRow>> row_fields() {
  return cache_table;
}
template <>
std::span<const RowField<ClockRow>> row_fields() {
  return clock_table;
}
template <>
std::span<const RowField<ThroughputRow>> row_fields() {
  return throughput_table;
}
template <>
std::span<const RowField<BandwidthRow>> row_fields() {
  return bandwidth_table;
}
template <>
std::span<const RowField<LatencyRow>> row_fields() {
  return latency_table;
}
template <>
std::span<const RowField<RidgeRow>> row_fields() {
  return ridge_table;
}
template <>
std::span<const RowField<Machine>> row_fields() {
  return machine_table;
}

}  // namespace flopmeter
